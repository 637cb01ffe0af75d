#include "recorder/proc/netns_source.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "recorder/observe/errands.h"
#include "recorder/os/dir.h"
#include "recorder/os/rooted_file.h"
#include "recorder/proc/described_socket.h"
#include "recorder/proc/gap_reason.h"
#include "recorder/proc/link_text.h"
#include "recorder/proc/mountinfo.h"
#include "recorder/proc/nsfs.h"

namespace sockwitness::recorder {
namespace {

using schema::Gap;
using schema::GapReason;
using schema::GapSource;
using schema::Inode;
using schema::Pid;

constexpr std::string_view kNamedFolder = "/run/netns/";

Result<Inode> read_namespace_link(int proc, const std::string& path, std::string_view kind) {
  const auto text = read_link_at(proc, path.c_str());
  if (!text) {
    return text.error();
  }
  const auto inode = parse_object_link(text.value(), kind);
  return inode ? Result<Inode>(Inode(*inode)) : SysError{EBADMSG, "parsing", path};
}

// Opening through the link acts on whatever is there: it must be a namespace first, and still be
// one when it is opened, as only what lies on the kernel's own file system of namespaces is.
Result<NetnsHandle> open_path(int proc, const std::string& path) {
  const auto inode = read_namespace_link(proc, path, "net");
  if (!inode) {
    return inode.error();
  }
  const auto own = read_identity_at(proc, "self/ns/net");
  auto held = open_at(proc, path.c_str(), O_PATH);
  if (!own || !held) {
    return own ? held.error() : own.error();
  }
  const auto identity = read_identity_at(held.value().get(), "", AT_EMPTY_PATH);
  if (!identity || identity.value().device != own.value().device) {
    return SysError{EBADF, "opening", path};
  }
  auto content = open_content(held.value());
  if (!content) {
    return content.error();
  }
  auto opened = adopt_netns(std::move(content.value()));
  if (!opened) {
    return opened.error();
  }
  NetnsHandle handle;
  handle.inode = opened.value().inode;
  handle.descriptor = std::move(opened.value().descriptor);
  return handle;
}

// Which path is being opened, and which are not to be.
class Trail {
 public:
  enum class May {
    OpenLocal,  // only what answers for certain; the rest is put off
    Open,
    OpenNothing  // but what answers for certain
  };
  Trail(May may, std::set<std::string> avoided) : may_(may), avoided_(std::move(avoided)) {}

  // False: it is not to be opened.
  [[nodiscard]] bool enter(const std::string& path, bool local) {
    const std::scoped_lock lock(mutex_);
    path_ = path;
    put_off_ = put_off_ || !local;
    return local || (may_ == May::Open && !avoided_.contains(path));
  }
  void leave() {
    const std::scoped_lock lock(mutex_);
    path_.clear();
  }
  [[nodiscard]] std::string path() const {
    const std::scoped_lock lock(mutex_);
    return path_;
  }
  [[nodiscard]] bool put_off() const { return put_off_; }

 private:
  const May may_;
  const std::set<std::string> avoided_;
  mutable std::mutex mutex_;
  std::string path_;
  bool put_off_ = false;
};

// One pass: from processes to names to mounts.
class Search {
 public:
  Search(int proc, int host, const MountTable& mounts, Trail& trail)
      : proc_(proc), host_(host), own_mounts_(mounts), trail_(trail) {}

  NetnsReading run() {
    visit_processes();
    visit_names();
    visit_mounts();
    mark_host();
    for (const auto& [error_number, others] : unnamed_) {
      unreadable_[error_number] += static_cast<std::uint32_t>(others.size());
    }
    NetnsReading reading;
    for (auto& [inode, handle] : found_) {
      reading.namespaces.push_back(std::move(handle));
    }
    for (const auto& [error_number, count] : unreadable_) {
      Gap gap;
      gap.source = GapSource::Namespace;
      gap.reason = gap_reason(error_number);
      gap.object = schema::GapPart::Namespaces;
      gap.error_number = error_number;
      gap.count = count;
      reading.gaps.push_back(std::move(gap));
    }
    std::move(gaps_.begin(), gaps_.end(), std::back_inserter(reading.gaps));
    return reading;
  }

 private:
  void visit_processes() {
    const auto directory = open_at(proc_, ".", O_RDONLY | O_DIRECTORY);
    auto pids = directory ? list_numbers(directory.value().get())
                          : Result<std::vector<std::int32_t>>(directory.error());
    if (!pids) {
      unreadable_[pids.error().number] = 1;
      return;
    }
    std::sort(pids.value().begin(), pids.value().end());
    for (const auto pid : pids.value()) {
      visit_process(pid);
    }
  }

  void visit_process(std::int32_t pid) {
    const std::string path = std::to_string(pid) + "/ns/net";
    const auto inode = read_namespace_link(proc_, path, "net");
    if (!inode) {
      // Gone, or a zombie, which lives in no namespace any more.
      const int number = inode.error().number;
      if (gap_reason(number) == GapReason::Permission) {
        visit_closed_process(pid, number);
      } else if (!means_vanished(number)) {
        ++unreadable_[number];
      }
      return;
    }
    NetnsHandle& handle = found_[inode.value()];
    handle.inode = inode.value();
    if (handle.descriptor == nullptr) {
      open_into(handle, proc_, path);
      if (!handle.member || handle.descriptor != nullptr) {
        handle.member = Pid(pid);
      }
    }
    if (const auto mounts = read_namespace_link(proc_, std::to_string(pid) + "/ns/mnt", "mnt")) {
      mount_namespaces_[mounts.value()].push_back(pid);
    } else if (!means_vanished(mounts.error().number)) {
      ++unreadable_[mounts.error().number];
    }
  }

  // Its namespaces are not told to us. Whether they are ours is.
  void visit_closed_process(std::int32_t pid, int error_number) {
    const auto tables = find_tables(std::to_string(pid));
    if (!tables && means_vanished(tables.error().number)) {
      return;
    }
    if (!tables || !own_tables_) {
      ++unreadable_[error_number];
    } else if (tables.value() != own_tables_.value()) {
      unnamed_[error_number].insert(tables.value());
    }
    std::string text;
    const auto got = read_file_at(proc_, (std::to_string(pid) + "/mountinfo").c_str(), text);
    if (!got || !is_mountinfo(text)) {
      if (!got && !means_vanished(got.error().number)) {
        ++unreadable_[got.error().number];
      }
      return;
    }
    // The number of its first mount is that of no other mount namespace.
    if (closed_mounts_.insert(text.substr(0, text.find(' '))).second) {
      visit_mount_lines(text, std::to_string(pid) + "/root");
    }
  }

  // Which network's tables a process is shown in /proc, and that anybody may look at: the kernel
  // makes the entries of each network once, and numbers them. Nothing is mounted over them.
  [[nodiscard]] Result<ino_t> find_tables(const std::string& process) const {
    struct open_how how {};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV;
    const std::string path = process + "/net/dev";
    const UniqueFd tables(
        static_cast<int>(::syscall(SYS_openat2, proc_, path.c_str(), &how, sizeof how)));
    if (!tables.valid()) {
      return last_error("opening", path);
    }
    const auto identity = read_identity_at(tables.get(), "", AT_EMPTY_PATH);
    return identity ? Result<ino_t>(identity.value().inode) : identity.error();
  }

  void visit_names() {
    constexpr const char* kFolder = "/run/netns";
    const auto folder = trail_.enter(kFolder, own_mounts_.is_local(kFolder))
                            ? open_at(host_, kFolder + 1, O_RDONLY | O_DIRECTORY)
                            : Result<UniqueFd>(SysError{ETIMEDOUT, "opening", kFolder});
    const auto entries = folder ? list_directory(folder.value().get())
                                : Result<std::vector<DirectoryEntry>>(folder.error());
    trail_.leave();
    if (!entries) {
      if (entries.error().number != ENOENT) {
        add_gap(entries.error().number, schema::GapObject::of_text("/run/netns"));
      }
      return;
    }
    for (const auto& entry : entries.value()) {
      const auto opened = open_name(folder.value().get(), entry.name);
      if (!opened) {
        // EINVAL: a file without a namespace, left over by a name that was taken back.
        if (opened.error().number != EINVAL) {
          add_gap(opened.error().number,
                  schema::GapObject::of_text(std::string(kNamedFolder) + entry.name));
        }
        continue;
      }
      add_named(opened.value(), entry.name);
    }
  }

  Result<OpenNetns> open_name(int folder, const std::string& name) {
    const std::string path = std::string(kNamedFolder) + name;
    const bool allowed = trail_.enter(path, own_mounts_.is_local(path));
    auto opened = allowed ? open_netns_at(folder, name.c_str())
                          : Result<OpenNetns>(SysError{ETIMEDOUT, "opening", name});
    trail_.leave();
    return opened;
  }

  void visit_mounts() {
    if (const int failed = visit_mounts_of("self", ""); failed != 0) {
      add_gap(failed, schema::GapPart::Mounts);
    }
    const auto own = read_namespace_link(proc_, "self/ns/mnt", "mnt");
    for (const auto& [inode, pids] : mount_namespaces_) {
      if (!own || own.value() != inode) {
        visit_mounts_of_any(pids);
      }
    }
  }

  // All of them see the same; who has ended meanwhile shows nothing.
  void visit_mounts_of_any(const std::vector<std::int32_t>& pids) {
    for (const auto pid : pids) {
      const int failed = visit_mounts_of(std::to_string(pid), std::to_string(pid) + "/root");
      if (failed == 0) {
        return;
      }
      if (!means_vanished(failed)) {
        return add_gap(failed, schema::GapPart::Mounts);
      }
    }
  }

  // 0, or why they could not be read. `root`: where the mount points begin, below /proc; empty for
  // the host's root.
  int visit_mounts_of(const std::string& process, const std::string& root) {
    std::string text;
    const auto got = read_file_at(proc_, (process + "/mountinfo").c_str(), text);
    if (!got) {
      return got.error().number;
    }
    if (!is_mountinfo(text)) {
      return EBADMSG;
    }
    visit_mount_lines(text, root);
    return 0;
  }

  void visit_mount_lines(const std::string& text, const std::string& root) {
    for (const auto& mount : parse_mountinfo(text, "nsfs")) {
      const auto number = parse_object_link(mount.root, "net");
      if (!number) {
        continue;
      }
      const Inode inode(*number);
      const auto known = found_.find(inode);
      if (known != found_.end() && known->second.descriptor != nullptr &&
          !known->second.name.empty()) {
        continue;
      }
      NetnsHandle& handle = found_[inode];
      handle.inode = inode;
      if (handle.name.empty()) {
        handle.name = short_name(mount.mount_point);
      }
      if (handle.descriptor == nullptr) {
        if (trail_.enter(mount.mount_point, MountTable(text).is_local(mount.mount_point))) {
          open_mount(handle, root, mount.mount_point);
        } else {
          add_gap(ETIMEDOUT, schema::GapObject::of_text(mount.mount_point));
        }
        trail_.leave();
      }
    }
  }

  // A path in another mount namespace is its owner's: nothing is opened before it is known to be
  // the namespace.
  void open_mount(NetnsHandle& handle, const std::string& root, const std::string& path) const {
    const auto start = root.empty() ? open_at(host_, ".", O_PATH | O_DIRECTORY)
                                    : open_at(proc_, root.c_str(), O_PATH | O_DIRECTORY);
    if (!start) {
      return;
    }
    const auto file = find_below(start.value().get(), path);
    if (!file || Inode(file.value().status.st_ino) != handle.inode) {
      return;
    }
    if (auto content = open_content(file.value().handle)) {
      if (auto opened = adopt_netns(std::move(content.value()))) {
        handle.descriptor = std::move(opened.value().descriptor);
      }
    }
  }

  static std::string short_name(const std::string& mount_point) {
    // /var/run is a link to /run, but old mount tables spell it out.
    for (const std::string_view folder : {kNamedFolder, std::string_view("/var/run/netns/")}) {
      std::string_view rest = mount_point;
      if (schema::scan_literal(rest, folder) && rest.find('/') == std::string_view::npos) {
        return std::string(rest);
      }
    }
    return mount_point;
  }

  static void open_into(NetnsHandle& handle, int directory, const std::string& path) {
    auto opened = open_netns_at(directory, path.c_str());
    if (opened && opened.value().inode == handle.inode) {
      handle.descriptor = std::move(opened.value().descriptor);
    }
  }

  void add_named(const OpenNetns& opened, const std::string& name) {
    NetnsHandle& handle = found_[opened.inode];
    handle.inode = opened.inode;
    if (handle.name.empty() || name < handle.name) {  // two names: always the same one
      handle.name = name;
    }
    if (handle.descriptor == nullptr) {
      handle.descriptor = opened.descriptor;
    }
  }

  void mark_host() {
    auto host = read_namespace_link(proc_, "1/ns/net", "net");
    if (!host) {
      host = read_namespace_link(proc_, "self/ns/net", "net");
    }
    if (host) {
      NetnsHandle& handle = found_[host.value()];
      handle.inode = host.value();
      handle.host = true;
    } else {
      add_gap(host.error().number, schema::GapPart::Host);
    }
  }

  void add_gap(int error_number, schema::GapObject object) {
    Gap gap;
    gap.source = GapSource::Namespace;
    gap.reason = gap_reason(error_number);
    gap.object = std::move(object);
    gap.error_number = error_number;
    gaps_.push_back(std::move(gap));
  }

  int proc_;
  int host_;
  const MountTable& own_mounts_;
  Trail& trail_;
  std::map<Inode, NetnsHandle> found_;
  std::map<Inode, std::vector<std::int32_t>> mount_namespaces_;  // to the processes that live there
  // errno to how many network namespaces could not be told: those that are known to be different,
  // and one for each process of which not even that is known.
  std::map<int, std::uint32_t> unreadable_;
  std::map<int, std::set<ino_t>> unnamed_;
  Result<ino_t> own_tables_ = find_tables("self");
  std::set<std::string> closed_mounts_;
  std::vector<Gap> gaps_;
};

}  // namespace

std::optional<NetnsHandle> ProcNetnsSource::find_own() {
  const auto inode = read_namespace_link(roots_.proc.get(), "self/ns/net", "net");
  if (!inode) {
    return std::nullopt;
  }
  NetnsHandle handle;
  handle.inode = inode.value();
  return handle;
}

// Most often every path is local and this thread opens it. Otherwise all is looked for anew, by
// one that may be left behind, and once more without each path that hung: that is rare, and what
// was found is soon found again.
NetnsReading ProcNetnsSource::list_namespaces() {
  using May = Trail::May;
  const int proc = roots_.proc.get();
  const int host = roots_.host.get();
  Trail local(May::OpenLocal, {});
  NetnsReading reading = Search(proc, host, *mounts_, local).run();
  if (!local.put_off()) {
    return reading;
  }
  std::set<std::string> avoided;
  for (const Hang& hang : hangs_->all()) {
    if (hang.what == kNamespaceHang) {
      avoided.insert(hang.path);
    }
  }
  while (hangs_->patience().count() > 0) {
    const auto trail = std::make_shared<Trail>(May::Open, avoided);
    const auto describe = [&](std::size_t) {
      Hang hang;
      hang.what = kNamespaceHang;
      hang.path = trail->path();
      return hang;
    };
    auto found = Errands<NetnsReading>::run(
        *hangs_,
        1,
        [=, mounts = mounts_](std::size_t) { return Search(proc, host, *mounts, *trail).run(); },
        describe);
    if (found[0]) {
      return std::move(*found[0]);
    }
    if (!avoided.insert(trail->path()).second) {
      break;
    }
  }
  return reading;
}

Result<NetnsHandle> ProcNetnsSource::open_descriptor(Pid pid, schema::Fd fd) {
  return open_path(roots_.proc.get(),
                   std::to_string(pid.value()) + "/fd/" + std::to_string(fd.value()));
}

// The entry of a thread is there, though no listing of /proc shows it.
Result<NetnsHandle> ProcNetnsSource::open_thread(Pid thread) {
  auto handle = open_path(roots_.proc.get(), std::to_string(thread.value()) + "/ns/net");
  if (handle) {
    handle.value().member = thread;
  }
  return handle;
}

Result<DescribedSocket> ProcNetnsSource::describe_socket(Pid pid, schema::Fd fd) {
  const auto failed = [&](std::string operation, std::string object) {
    SysError error = last_error(std::move(operation), std::move(object));
    const std::string link = std::to_string(pid.value()) + "/fd/" + std::to_string(fd.value());
    // Said to be gone, and still there: two words of one kernel.
    if (means_vanished(error.number) && read_link_at(roots_.proc.get(), link.c_str())) {
      error.number = EIO;
    }
    return error;
  };
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid.value(), 0)));
  if (!process.valid()) {
    return failed("opening", "process " + std::to_string(pid.value()));
  }
  UniqueFd socket(static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), fd.value(), 0)));
  if (!socket.valid()) {
    return failed("duplicating", "descriptor " + std::to_string(fd.value()));
  }
  auto described = read_socket(socket.get());
  if (!described && described.error().number == ENOTSOCK) {
    // Another file by now. Closing it would ask its server, if it has one; it goes with the
    // process.
    [[maybe_unused]] const int left = socket.release();
  }
  return described;
}

}  // namespace sockwitness::recorder
