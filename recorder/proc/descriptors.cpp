#include "recorder/proc/descriptors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
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

class Reader {
 public:
  // `all`: looks at every path, wherever it leads.
  Reader(int process, int directory, bool all)
      : process_(process), directory_(directory), all_(all) {}

  void read(std::int32_t number) {
    const NumberName name(number);
    std::array<char, 512> buffer;
    const ssize_t got = ::readlinkat(directory_, name.c_str(), buffer.data(), buffer.size());
    if (got < 0) {
      note(number, errno);
      return;
    }
    const auto length = static_cast<std::size_t>(got);
    if (length < buffer.size()) {
      sort(number, name.c_str(), std::string_view(buffer.data(), length));
      return;
    }
    const auto whole = read_link_at(directory_, name.c_str());
    if (whole) {
      sort(number, name.c_str(), whole.value());
    } else {
      note(number, whole.error().number);
    }
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
    if (number > kLastStandard && !all_ && !may_join(text)) {
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
  bool all_;
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

Result<DescriptorReading> read_descriptors(int process_directory) {
  const auto directory = open_at(process_directory, "fd", O_RDONLY | O_DIRECTORY);
  if (!directory) {
    return directory.error();
  }
  const auto numbers = list_numbers(directory.value().get());
  if (!numbers) {
    return numbers.error();
  }
  Reader reader(
      process_directory, directory.value().get(), numbers.value().size() <= kFewDescriptors);
  for (const auto number : numbers.value()) {
    reader.read(number);
  }
  look_again(reader, process_directory);
  return std::move(reader.reading());
}

}  // namespace sockwitness::recorder
