#include "recorder/proc/descriptors.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "recorder/os/dir.h"
#include "recorder/proc/fdinfo.h"
#include "recorder/proc/link_text.h"

namespace sockwitness::recorder {
namespace {

using schema::Descriptor;
using schema::DescriptorKind;

constexpr std::int32_t kLastStandard = 2;

// The decimal name of a descriptor, ending in NUL.
class NumberName {
 public:
  explicit NumberName(std::int32_t number) {
    const auto end = std::to_chars(text_.data(), text_.data() + text_.size() - 1, number);
    *end.ptr = '\0';
  }
  [[nodiscard]] const char* c_str() const { return text_.data(); }

 private:
  std::array<char, 16> text_{};
};

// Source: Documentation/admin-guide/devices.txt.
bool is_terminal(dev_t device) {
  const auto number = major(device);
  return number == 4 || number == 5 || (number >= 136 && number <= 143) || number == 166 ||
         number == 188 || number == 204 || number == 229;
}

DescriptorKind device_kind(dev_t device) {
  if (device == makedev(1, 3)) {
    return DescriptorKind::Null;
  }
  if (device == makedev(5, 2)) {
    return DescriptorKind::PtyMaster;
  }
  if (device == makedev(10, 200)) {
    return DescriptorKind::Tun;
  }
  return is_terminal(device) ? DescriptorKind::Terminal : DescriptorKind::OtherDevice;
}

// Looking at every open file would double the price of a database server. Of a process with many
// descriptors, what joins it to others by a path at higher numbers is looked for where devices live
// and where everyone may create a fifo.
constexpr std::size_t kFewDescriptors = 16;

bool may_join(std::string_view path) {
  constexpr std::array<std::string_view, 4> kPlaces = {"/dev/", "/tmp/", "/var/tmp/", "/run/"};
  return path.ends_with("/ptmx") || path == "/ptmx" ||
         std::any_of(kPlaces.begin(), kPlaces.end(), [&](std::string_view place) {
           return path.starts_with(place);
         });
}

// In procfs the place in the list is the number, behind the two dots.
// Source: fs/proc/fd.c, proc_readfd_common.
bool begin_list_at(int directory, std::int32_t number) {
  constexpr off_t kDots = 2;
  return ::lseek(directory, number + kDots, SEEK_SET) >= 0;
}

Result<std::vector<std::int32_t>> list_from(int directory, std::int32_t first) {
  return first == 0 || begin_list_at(directory, first)
             ? list_numbers(directory)
             : Result<std::vector<std::int32_t>>(last_error("listing", "fd"));
}

// The first that is listed from `number` on; nothing: there are no more.
Result<std::optional<std::int32_t>> find_next(int directory, std::int32_t number) {
  return begin_list_at(directory, number)
             ? read_next_number(directory)
             : Result<std::optional<std::int32_t>>(last_error("listing", "fd"));
}

class Reader {
 public:
  Reader(int process, int directory) : process_(process), directory_(directory) {}

  // Reads 0, 1, 2, … and, where one cannot be read, goes on with the next that is listed: between
  // the two there is none. Returns from where on the rest is to be listed; nothing: this was all.
  Result<std::optional<std::int32_t>> read_by_number() {
    constexpr int kMostHoles = 16;  // each costs as much as a few entries of a list
    constexpr std::int32_t kMost = 1 << 20;
    std::int32_t number = 0;
    for (int holes = 0; number < kMost && holes < kMostHoles;) {
      const int error_number = read_link(number);
      if (error_number == 0) {
        ++count_;
        ++number;
        continue;
      }
      const auto next = find_next(directory_, number);
      if (!next || !next.value()) {
        return next;
      }
      if (*next.value() < number) {
        return SysError{EBADMSG, "listing", "fd"};
      }
      if (*next.value() == number) {  // it is there, or was a moment ago
        ++count_;
        note(number++, error_number);
      } else {
        number = *next.value();
        ++holes;
      }
    }
    return std::optional(number);
  }

  void read(std::int32_t number) {
    if (const int error_number = read_link(number); error_number != 0) {
      note(number, error_number);
    }
  }

  // All are known, those that were read and `more`. Of few, every path is looked at, wherever it
  // leads.
  void settle(std::size_t more) {
    all_ = count_ + more <= kFewDescriptors;
    const auto put_off = std::exchange(put_off_, {});
    if (!*all_ || put_off.empty()) {
      return;
    }
    for (const auto& [number, text] : put_off) {
      sort_path(number, NumberName(number).c_str(), text);
    }
    std::stable_sort(
        reading_.joints.begin(),
        reading_.joints.end(),
        [](const Descriptor& left, const Descriptor& right) { return left.fd < right.fd; });
  }

  // What was not there when it was read, although it was listed.
  [[nodiscard]] std::vector<std::int32_t> take_missing() { return std::exchange(missing_, {}); }
  void note(int error_number) {
    if (reading_.incomplete == 0) {
      reading_.incomplete = error_number;
    }
  }
  [[nodiscard]] DescriptorReading& reading() { return reading_; }

 private:
  // 0, or why it could not be read.
  int read_link(std::int32_t number) {
    const NumberName name(number);
    std::array<char, 512> buffer;
    const ssize_t got = ::readlinkat(directory_, name.c_str(), buffer.data(), buffer.size());
    if (got < 0) {
      return errno;
    }
    const auto length = static_cast<std::size_t>(got);
    if (length < buffer.size()) {
      sort(number, name.c_str(), std::string_view(buffer.data(), length));
      return 0;
    }
    const auto whole = read_link_at(directory_, name.c_str());
    if (!whole) {
      return whole.error().number;
    }
    sort(number, name.c_str(), whole.value());
    return 0;
  }

  void note(std::int32_t number, int error_number) {
    if (error_number == ENOENT) {
      missing_.push_back(number);
    } else {
      note(error_number);
    }
  }

  void sort(std::int32_t number, const char* name, std::string_view text) {
    if (text.starts_with('/')) {
      sort_path(number, name, text);
    } else if (const auto socket = parse_object_link(text, "socket")) {
      reading_.sockets.emplace_back(schema::Fd(number), schema::Inode(*socket));
    } else if (const auto pipe = parse_object_link(text, "pipe")) {
      add(number, DescriptorKind::Pipe, {}).inode = schema::Inode(*pipe);
    } else if (const auto netns = parse_object_link(text, "net")) {
      reading_.namespaces.emplace_back(schema::Fd(number), schema::Inode(*netns));
      if (number <= kLastStandard) {
        add(number, DescriptorKind::Anonymous, text).inode = schema::Inode(*netns);
      }
    } else if (text.find(':') == std::string_view::npos) {
      note(EBADMSG);  // no kind of link: all others have a name and a colon
    } else {
      if (text == "anon_inode:[io_uring]") {
        read_registered(number, name);
      }
      // Programs that steer packets without a socket.
      if (number <= kLastStandard || text.starts_with("anon_inode:bpf")) {
        add(number, DescriptorKind::Anonymous, text);
      }
    }
  }

  // A socket that was handed to an io_uring lives on when its descriptor is closed; it is held by
  // that of the ring.
  void read_registered(std::int32_t number, const char* name) {
    std::string info;
    if (const auto got = read_file_at(process_, info_path(name).c_str(), info); !got) {
      return note(number, got.error().number);
    }
    for (const schema::Inode socket : parse_registered_sockets(info)) {
      reading_.sockets.emplace_back(schema::Fd(number), socket);
    }
  }

  static std::string info_path(const char* name) { return std::string("fdinfo/") + name; }

  void sort_path(std::int32_t number, const char* name, std::string_view text) {
    if (number > kLastStandard && all_ != true && !may_join(text)) {
      if (!all_ && put_off_.size() < kFewDescriptors) {
        put_off_.emplace_back(number, text);
      }
      return;
    }
    // What the kernel remembers will do: a file server that hangs must not be asked, and would be
    // for any field that is wanted and may have changed.
    struct statx status {};
    if (::statx(directory_, name, AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &status) != 0) {
      const int error_number = errno;
      note(number, error_number);
      if (error_number != ENOENT && number <= kLastStandard) {
        add(number, DescriptorKind::File, text);
      }
      return;
    }
    DescriptorKind kind = DescriptorKind::File;
    if (S_ISFIFO(status.stx_mode)) {
      kind = DescriptorKind::Fifo;
    } else if (S_ISCHR(status.stx_mode)) {
      kind = device_kind(makedev(status.stx_rdev_major, status.stx_rdev_minor));
    } else if (S_ISBLK(status.stx_mode)) {
      kind = DescriptorKind::OtherDevice;
    }
    const bool joins = kind == DescriptorKind::Fifo || kind == DescriptorKind::PtyMaster ||
                       kind == DescriptorKind::Tun;
    if (!joins && number > kLastStandard) {
      return;
    }
    Descriptor& found = add(number, kind, text);
    found.device = schema::Device(makedev(status.stx_dev_major, status.stx_dev_minor));
    found.inode = schema::Inode(status.stx_ino);
    if (kind == DescriptorKind::PtyMaster || kind == DescriptorKind::Tun) {
      read_info(found, name);
    }
  }

  void read_info(Descriptor& found, const char* name) {
    std::string info;
    const auto got = read_file_at(process_, info_path(name).c_str(), info);
    if (!got) {
      note(found.fd.value(), got.error().number);
    } else if (found.kind == DescriptorKind::PtyMaster) {
      const auto index = parse_tty_index(info);
      if (!index) {
        note(EBADMSG);
      }
      found.number = index.value_or(0);
    } else {
      found.target = parse_tun_interface(info).value_or(std::string());
    }
  }

  Descriptor& add(std::int32_t number, DescriptorKind kind, std::string_view target) {
    Descriptor& added = reading_.joints.emplace_back();
    added.fd = schema::Fd(number);
    added.kind = kind;
    added.target = target;
    return added;
  }

  int process_;
  int directory_;
  std::size_t count_ = 0;    // of those that were read by their number
  std::optional<bool> all_;  // nothing: it is not known yet how many there are
  std::vector<std::pair<std::int32_t, std::string>> put_off_;  // until it is
  std::vector<std::int32_t> missing_;
  DescriptorReading reading_;
};

// A descriptor that was closed between listing and reading is no gap; one that is still listed is.
void look_again(Reader& reader, int process_directory) {
  std::vector<std::int32_t> missing = reader.take_missing();
  if (missing.empty()) {
    return;
  }
  const auto directory = open_at(process_directory, "fd", O_RDONLY | O_DIRECTORY);
  const auto numbers = directory ? list_numbers(directory.value().get())
                                 : Result<std::vector<std::int32_t>>(directory.error());
  if (!numbers) {
    return reader.note(numbers.error().number);
  }
  for (const auto number : missing) {
    const auto& listed = numbers.value();
    if (std::find(listed.begin(), listed.end(), number) != listed.end()) {
      reader.read(number);
    }
  }
  if (!reader.take_missing().empty()) {
    reader.note(ENOENT);
  }
}

}  // namespace

Result<DescriptorReading> read_descriptors(int process_directory, DescriptorOrder order) {
  const auto directory = open_at(process_directory, "fd", O_RDONLY | O_DIRECTORY);
  if (!directory) {
    return directory.error();
  }
  Reader reader(process_directory, directory.value().get());
  auto rest = order == DescriptorOrder::ByNumber
                  ? reader.read_by_number()
                  : Result<std::optional<std::int32_t>>(std::optional(0));
  if (!rest) {
    return rest.error();
  }
  const auto numbers = rest.value()
                           ? list_from(directory.value().get(), *rest.value())
                           : Result<std::vector<std::int32_t>>(std::vector<std::int32_t>());
  if (!numbers) {
    return numbers.error();
  }
  reader.settle(numbers.value().size());
  for (const auto number : numbers.value()) {
    reader.read(number);
  }
  look_again(reader, process_directory);
  return std::move(reader.reading());
}

DescriptorOrder find_descriptor_order(int proc) {
  struct statfs file_system {};
  if (::fstatfs(proc, &file_system) != 0 || file_system.f_type != PROC_SUPER_MAGIC) {
    return DescriptorOrder::Listed;
  }
  const auto directory = open_at(proc, "self/fd", O_RDONLY | O_DIRECTORY);
  auto all = directory ? list_numbers(directory.value().get())
                       : Result<std::vector<std::int32_t>>(directory.error());
  if (!all || all.value().size() < 2) {
    return DescriptorOrder::Listed;
  }
  for (std::size_t at = 1; at < all.value().size(); ++at) {
    const auto next = find_next(directory.value().get(), all.value()[at - 1] + 1);
    const auto rest = list_from(directory.value().get(), all.value()[at]);
    if (!next || next.value() != all.value()[at] || !rest ||
        !std::equal(all.value().begin() + static_cast<std::ptrdiff_t>(at),
                    all.value().end(),
                    rest.value().begin(),
                    rest.value().end())) {
      return DescriptorOrder::Listed;
    }
  }
  const auto end = find_next(directory.value().get(), all.value().back() + 1);
  return end && !end.value() ? DescriptorOrder::ByNumber : DescriptorOrder::Listed;
}

}  // namespace sockwitness::recorder
