#include "tests/live/blind/failing_calls.h"

#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <vector>

#include "tests/live/blind/netlink_faults.h"

namespace sockwitness::test {
namespace {

long raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result = 0;
#if defined(__x86_64__)
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0"
               : "+r"(x0)
               : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
               : "memory");
  result = x0;
#else
#error "this test replaces system calls and knows two machines"
#endif
  return result;
}

long with_errno(long result) {
  if (result < 0 && result > -4096) {
    errno = static_cast<int>(-result);
    return -1;
  }
  return result;
}

template <class T>
long word(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

// Of one descriptor.
struct File {
  std::string path;
  std::optional<std::string> said;  // what it says instead of its content
  std::size_t told = 0;             // of it
  std::optional<std::size_t> end;   // after so many more bytes it ends
};

struct State {
  std::mutex mutex;
  std::vector<File> files = std::vector<File>(4096);
  std::vector<std::string> left_alone;
  bool counting = false;
  std::map<Call, int> counts;
  std::optional<Fault> fault;
  int calls = 0;
  int hits = 0;
  std::map<std::string, std::string> contents;
  std::map<std::string, std::string> links;
};

State& state() {
  static State* const forever = new State;  // calls are made until the very end
  return *forever;
}

File* file_of(State& known, int fd) {
  return fd >= 0 && static_cast<std::size_t>(fd) < known.files.size()
             ? &known.files[static_cast<std::size_t>(fd)]
             : nullptr;
}

std::string path_of(State& known, int directory, const char* path) {
  const std::string_view name = path == nullptr ? "" : path;
  if (name.starts_with('/') || directory == AT_FDCWD) {
    return std::string(name);
  }
  const File* file = file_of(known, directory);
  std::string whole = file == nullptr ? std::string() : file->path;
  if (!name.empty() && name != ".") {
    whole += whole.ends_with('/') ? "" : "/";
    whole += name;
  }
  return whole;
}

// Nothing: the call goes its way.
const Fault* meet(State& known, std::string_view name, const std::string& path) {
  if (path.empty() || std::any_of(known.left_alone.begin(),
                                  known.left_alone.end(),
                                  [&](const auto& prefix) { return path.starts_with(prefix); })) {
    return nullptr;
  }
  if (known.counting) {
    ++known.counts[Call{std::string(name), path}];
  }
  const auto& fault = known.fault;
  if (!fault || fault->call.name != name || fault->call.path != path) {
    return nullptr;
  }
  ++known.calls;
  if (known.calls < fault->first || known.calls > fault->last) {
    return nullptr;
  }
  ++known.hits;
  return &*fault;
}

const Fault* meet_error(State& known, std::string_view name, const std::string& path) {
  const Fault* fault = meet(known, name, path);
  return fault != nullptr && fault->kind == FaultKind::Error ? fault : nullptr;
}

void opened(State& known, int fd, const std::string& path) {
  if (File* file = file_of(known, fd)) {
    *file = {path, std::nullopt, 0, std::nullopt};
    const auto said = known.contents.find(path);
    if (said != known.contents.end()) {
      file->said = said->second;
    }
  }
}

int fail(int error_number) {
  errno = error_number;
  return -1;
}

long open_any(std::string_view name,
              int directory,
              const char* path,
              long number,
              long flags,
              long mode,
              long size) {
  State& known = state();
  std::string whole;
  {
    const std::scoped_lock lock(known.mutex);
    whole = path_of(known, directory, path);
    if (const Fault* fault = meet_error(known, name, whole)) {
      return fail(fault->error_number);
    }
  }
  const long fd = with_errno(raw(number, directory, word(path), flags, mode, size));
  if (fd >= 0) {
    const std::scoped_lock lock(known.mutex);
    opened(known, static_cast<int>(fd), whole);
  }
  return fd;
}

// `offset` is nothing for read().
ssize_t read_any(int fd, void* buffer, std::size_t size, std::optional<off_t> offset) {
  State& known = state();
  FaultKind kind = FaultKind::Error;
  bool met = false;
  {
    const std::scoped_lock lock(known.mutex);
    File* file = file_of(known, fd);
    if (file != nullptr && !file->path.empty()) {
      if (const Fault* fault = meet(known, "read", file->path)) {
        if (fault->kind == FaultKind::Error) {
          return fail(fault->error_number);
        }
        met = true;
        kind = fault->kind;
      }
      if (file->said && !met) {
        const std::size_t from = offset ? static_cast<std::size_t>(*offset) : file->told;
        const std::size_t some =
            std::min(size, file->said->size() - std::min(from, file->said->size()));
        std::memcpy(buffer, file->said->data() + std::min(from, file->said->size()), some);
        file->told += offset ? 0 : some;
        return static_cast<ssize_t>(some);
      }
      if (file->end && !offset) {
        return 0;
      }
    }
  }
  const long got =
      offset ? with_errno(raw(SYS_pread64, fd, word(buffer), static_cast<long>(size), *offset))
             : with_errno(raw(SYS_read, fd, word(buffer), static_cast<long>(size)));
  if (!met || got <= 0) {
    return got;
  }
  switch (kind) {
    case FaultKind::Empty:
      return 0;
    case FaultKind::Half: {
      const std::scoped_lock lock(known.mutex);
      known.files[static_cast<std::size_t>(fd)].end = 0;
      return (got + 1) / 2;
    }
    case FaultKind::Garbage:
      std::memset(buffer, '?', static_cast<std::size_t>(got));
      return got;
    default:
      return got;
  }
}

long list(int fd, void* buffer, long size) {
  State& known = state();
  {
    const std::scoped_lock lock(known.mutex);
    const File* file = file_of(known, fd);
    const Fault* fault = file == nullptr ? nullptr : meet(known, "getdents", file->path);
    if (fault != nullptr) {
      return fault->kind == FaultKind::Error ? fail(fault->error_number) : 0;
    }
  }
  return with_errno(raw(SYS_getdents64, fd, word(buffer), size));
}

}  // namespace

void leave_alone(const std::string& prefix) {
  const std::scoped_lock lock(state().mutex);
  state().left_alone.push_back(prefix);
}

void begin_counting() {
  const std::scoped_lock lock(state().mutex);
  state().counts.clear();
  state().counting = true;
}

std::map<Call, int> end_counting() {
  const std::scoped_lock lock(state().mutex);
  state().counting = false;
  return std::move(state().counts);
}

void set_fault(const std::optional<Fault>& fault) {
  const std::scoped_lock lock(state().mutex);
  state().fault = fault;
  state().calls = 0;
  state().hits = 0;
}

int fault_hits() {
  const std::scoped_lock lock(state().mutex);
  return state().hits;
}

void say_content(const std::string& path, const std::string& content) {
  const std::scoped_lock lock(state().mutex);
  state().contents[path] = content;
}

void say_link(const std::string& path, const std::string& text) {
  const std::scoped_lock lock(state().mutex);
  state().links[path] = text;
}

}  // namespace sockwitness::test

using sockwitness::test::FaultKind;

// The C library's names, in its spelling.
// NOLINTBEGIN
extern "C" {

int openat(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, unsigned) : 0U;
  va_end(rest);
  return static_cast<int>(
      sockwitness::test::open_any("openat", directory, path, SYS_openat, flags, mode, 0));
}

int close(int fd) {
  {
    auto& known = sockwitness::test::state();
    const std::scoped_lock lock(known.mutex);
    if (auto* file = sockwitness::test::file_of(known, fd)) {
      *file = {};
    }
  }
  return static_cast<int>(sockwitness::test::with_errno(sockwitness::test::raw(SYS_close, fd)));
}

ssize_t read(int fd, void* buffer, size_t size) {
  return sockwitness::test::read_any(fd, buffer, size, std::nullopt);
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  return sockwitness::test::read_any(fd, buffer, size, offset);
}

ssize_t pread64(int fd, void* buffer, size_t size, off_t offset) {
  return sockwitness::test::read_any(fd, buffer, size, offset);
}

ssize_t readlinkat(int directory, const char* path, char* buffer, size_t size) {
  using namespace sockwitness::test;
  auto& known = state();
  bool garbage = false;
  {
    const std::scoped_lock lock(known.mutex);
    const std::string whole = path_of(known, directory, path);
    if (const Fault* fault = meet(known, "readlinkat", whole)) {
      if (fault->kind == FaultKind::Error) {
        return fail(fault->error_number);
      }
      garbage = true;
    }
    const auto said = known.links.find(whole);
    if (said != known.links.end() && !garbage) {
      const std::size_t some = std::min(size, said->second.size());
      std::memcpy(buffer, said->second.data(), some);
      return static_cast<ssize_t>(some);
    }
  }
  const long got =
      with_errno(raw(SYS_readlinkat, directory, word(path), word(buffer), static_cast<long>(size)));
  if (garbage && got > 0) {
    std::memset(buffer, '?', static_cast<std::size_t>(got));
  }
  return got;
}

int fstatat(int directory, const char* path, struct stat* status, int flags) {
  using namespace sockwitness::test;
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    if (const Fault* fault = meet_error(known, "fstatat", path_of(known, directory, path))) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(
      with_errno(raw(SYS_newfstatat, directory, word(path), word(status), flags)));
}

int fstat(int fd, struct stat* status) {
  using namespace sockwitness::test;
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    const File* file = file_of(known, fd);
    const Fault* fault = file == nullptr ? nullptr : meet_error(known, "fstat", file->path);
    if (fault != nullptr) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(with_errno(raw(SYS_fstat, fd, word(status))));
}

int statx(int directory, const char* path, int flags, unsigned mask, struct statx* status) {
  using namespace sockwitness::test;
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    if (const Fault* fault = meet_error(known, "statx", path_of(known, directory, path))) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(
      with_errno(raw(SYS_statx, directory, word(path), flags, mask, word(status))));
}

long syscall(long number, ...) {
  using namespace sockwitness::test;
  va_list rest;
  va_start(rest, number);
  std::array<long, 6> given{};
  for (long& each : given) {
    each = va_arg(rest, long);
  }
  va_end(rest);
  if (number == SYS_openat2) {
    return open_any("openat",
                    static_cast<int>(given[0]),
                    reinterpret_cast<const char*>(given[1]),
                    number,
                    given[2],
                    given[3],
                    0);
  }
  if (number == SYS_getdents64) {
    return list(static_cast<int>(given[0]), reinterpret_cast<void*>(given[1]), given[2]);
  }
  const char* name = number == SYS_pidfd_open    ? "pidfd_open"
                     : number == SYS_pidfd_getfd ? "pidfd_getfd"
                     : number == SYS_kcmp        ? "kcmp"
                                                 : nullptr;
  if (name != nullptr) {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    if (const Fault* fault = meet_error(known, name, "process")) {
      return fail(fault->error_number);
    }
  }
  return with_errno(raw(number, given[0], given[1], given[2], given[3], given[4], given[5]));
}

int socket(int family, int type, int protocol) noexcept {
  using namespace sockwitness::test;
  auto& known = state();
  const std::string path = family == AF_NETLINK ? "netlink" : family == AF_UNIX ? "unix" : "inet";
  {
    const std::scoped_lock lock(known.mutex);
    if (const Fault* fault = meet_error(known, "socket", path)) {
      return fail(fault->error_number);
    }
  }
  const long fd = with_errno(raw(SYS_socket, family, type, protocol));
  if (fd >= 0) {
    const std::scoped_lock lock(known.mutex);
    opened(known, static_cast<int>(fd), path);
  }
  return static_cast<int>(fd);
}

int connect(int fd, const struct sockaddr* address, socklen_t size) {
  using namespace sockwitness::test;
  auto& known = state();
  if (address->sa_family == AF_UNIX) {
    const std::scoped_lock lock(known.mutex);
    const std::string path = reinterpret_cast<const sockaddr_un*>(address)->sun_path;
    opened(known, fd, "socket " + path);
    if (const Fault* fault = meet_error(known, "connect", path)) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(with_errno(raw(SYS_connect, fd, word(address), size)));
}

ssize_t sendto(int fd,
               const void* bytes,
               size_t size,
               int flags,
               const struct sockaddr* to,
               socklen_t length) {
  using namespace sockwitness::test;
  auto& known = state();
  {
    const std::scoped_lock lock(known.mutex);
    File* file = file_of(known, fd);
    if (file != nullptr && to != nullptr && to->sa_family == AF_NETLINK) {
      file->path = diag_name(bytes, size);
      if (const Fault* fault = meet_error(known, "sendto", file->path)) {
        return fail(fault->error_number);
      }
    }
  }
  return with_errno(
      raw(SYS_sendto, fd, word(bytes), static_cast<long>(size), flags, word(to), length));
}

ssize_t recvmsg(int fd, struct msghdr* message, int flags) {
  using namespace sockwitness::test;
  auto& known = state();
  std::optional<Fault> met;
  {
    const std::scoped_lock lock(known.mutex);
    const File* file = file_of(known, fd);
    if (const Fault* fault = file == nullptr ? nullptr : meet(known, "recvmsg", file->path)) {
      met = *fault;
    }
  }
  if (met && met->kind == FaultKind::Error) {
    return fail(met->error_number);
  }
  const long got = with_errno(raw(SYS_recvmsg, fd, word(message), flags));
  if (!met || got <= 0) {
    return got;
  }
  if (met->kind == FaultKind::Half) {
    return got / 2;
  }
  spoil(*met, static_cast<char*>(message->msg_iov[0].iov_base), static_cast<std::size_t>(got));
  return got;
}

ssize_t recv(int fd, void* buffer, size_t size, int flags) {
  using namespace sockwitness::test;
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    const File* file = file_of(known, fd);
    if (const Fault* fault = file == nullptr ? nullptr : meet(known, "recv", file->path)) {
      return fault->kind == FaultKind::Error ? fail(fault->error_number) : 0;
    }
  }
  return with_errno(raw(SYS_recvfrom, fd, word(buffer), static_cast<long>(size), flags));
}

int ioctl(int fd, unsigned long request, ...) noexcept {
  using namespace sockwitness::test;
  va_list rest;
  va_start(rest, request);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    const File* file = file_of(known, fd);
    const Fault* fault = file == nullptr ? nullptr : meet_error(known, "ioctl", file->path);
    if (fault != nullptr) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(
      with_errno(raw(SYS_ioctl, fd, static_cast<long>(request), word(argument))));
}

int setns(int fd, int type) noexcept {
  using namespace sockwitness::test;
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    const File* file = file_of(known, fd);
    const Fault* fault = file == nullptr ? nullptr : meet_error(known, "setns", file->path);
    if (fault != nullptr) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(with_errno(raw(SYS_setns, fd, type)));
}

int adjtimex(struct timex* clock) noexcept {
  using namespace sockwitness::test;
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    if (const Fault* fault = meet_error(known, "adjtimex", "kernel")) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(with_errno(raw(SYS_adjtimex, word(clock))));
}

int uname(struct utsname* names) noexcept {
  using namespace sockwitness::test;
  {
    auto& known = state();
    const std::scoped_lock lock(known.mutex);
    if (const Fault* fault = meet_error(known, "uname", "kernel")) {
      return fail(fault->error_number);
    }
  }
  return static_cast<int>(with_errno(raw(SYS_uname, word(names))));
}

}  // extern "C"
// NOLINTEND
