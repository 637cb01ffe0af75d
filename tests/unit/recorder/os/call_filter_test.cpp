#include "recorder/os/call_filter.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "recorder/os/helper_process.h"

namespace sockwitness::recorder {
namespace {

constexpr int kAllowed = 0;
constexpr int kNoFilter = 200;

// The errno of what is done in a child behind the filter; 0: it was not refused. Of a call without
// sense the kernel gives another error than EPERM, which the test runs without rights for.
int behind_filter(const std::function<bool()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (filter_system_calls() || ::prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER) {
      ::_exit(kNoFilter);
    }
    errno = 0;
    ::_exit(act() ? kAllowed : errno);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

bool has_filter() {
  return behind_filter([] { return true; }) != kNoFilter;
}

bool calls(long number, long first = 0, long second = 0, long third = 0) {
  return ::syscall(number, first, second, third, 0L, 0L, 0L) >= 0;
}

struct Call {
  const char* name;
  std::function<bool()> act;
};

}  // namespace

TEST_CASE("what the recorder never does is refused, whoever asks for it") {
  if (!has_filter()) {
    WARN("skipped: no filter can be had here");
    return;
  }
  static const char* const kArguments[] = {"true", nullptr};
  const pid_t self = ::getpid();
  const std::vector<Call> refused = {
      {"execve", [] { return ::execv("/bin/true", const_cast<char* const*>(kArguments)) == 0; }},
      {"execveat", [] { return calls(SYS_execveat, AT_FDCWD); }},
      {"ptrace", [] { return calls(SYS_ptrace, 0); }},
      {"ptrace another", [&] { return calls(SYS_ptrace, 16, self); }},
      {"process_vm_readv", [&] { return calls(SYS_process_vm_readv, self); }},
      {"process_vm_writev", [&] { return calls(SYS_process_vm_writev, self); }},
      {"kill", [&] { return ::kill(self, 0) == 0; }},
      {"kill oneself", [] { return ::kill(::getpid(), 0) == 0; }},
      {"a signal to a thread of another", [&] { return calls(SYS_tgkill, self, self); }},
      {"limits of another", [&] { return calls(SYS_prlimit64, self, RLIMIT_NOFILE); }},
      {"a place among processors", [&] { return calls(SYS_sched_setaffinity, self); }},
      {"listen", [] { return calls(SYS_listen, -1); }},
      {"accept", [] { return calls(SYS_accept4, -1); }},
      {"io_uring", [] { return calls(SYS_io_uring_setup, 1); }},
      {"clock_settime",
       [] {
         timespec now{};
         return ::clock_gettime(CLOCK_REALTIME, &now) == 0 &&
                calls(SYS_clock_settime, CLOCK_MONOTONIC, reinterpret_cast<long>(&now));
       }},
      {"settimeofday", [] { return calls(SYS_settimeofday, 0, 0); }},
      {"bpf", [] { return calls(SYS_bpf, 0); }},
      {"init_module", [] { return calls(SYS_init_module); }},
      {"userfaultfd", [] { return calls(SYS_userfaultfd, 1); }},
      {"mount", [] { return calls(SYS_mount); }},
      {"chroot", [] { return ::chroot("/") == 0; }},
      {"unshare", [] { return ::unshare(0) == 0; }},
      {"setuid", [] { return calls(SYS_setuid, static_cast<long>(::getuid())); }},
      {"setresuid", [] { return calls(SYS_setresuid, -1, -1, -1); }},
      {"pivot_root", [] { return calls(SYS_pivot_root); }},
      {"open_by_handle_at", [] { return calls(SYS_open_by_handle_at); }},
      {"clone with a namespace", [] { return calls(SYS_clone, CLONE_NEWUSER | SIGCHLD); }},
#ifdef __x86_64__
      {"fork", [] { return calls(SYS_fork); }},
      {"a call of another ABI", [] { return calls(0x40000000 + SYS_getpid); }},
#endif
      {"setns to mounts", [] { return ::setns(-1, CLONE_NEWNS) == 0; }},
      {"setns to any", [] { return ::setns(-1, 0) == 0; }},
      {"internet socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
      {"datagrams", [] { return ::socket(AF_INET6, SOCK_DGRAM, 0) >= 0; }},
      {"packet socket", [] { return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0; }},
      {"vsock", [] { return ::socket(AF_VSOCK, SOCK_STREAM, 0) >= 0; }},
      {"pair of another family", [] { return calls(SYS_socketpair, AF_INET, SOCK_STREAM); }},
  };
  for (const Call& call : refused) {
    INFO(call.name);
    CHECK(behind_filter(call.act) == EPERM);
  }
}

TEST_CASE("what the recorder does is not refused") {
  const std::vector<Call> allowed = {
      {"unix socket", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
      {"netlink socket", [] { return ::socket(AF_NETLINK, SOCK_RAW, 4) >= 0; }},
      {"asking the clock",
       [] {
         timex clock{};
         return ::adjtimex(&clock) >= 0;
       }},
      {"a thread",
       [] {
         bool ran = false;
         std::thread([&] { ran = true; }).join();
         return ran;
       }},
      {"its own limits",
       [] {
         rlimit limit{};
         return ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
       }},
      {"signals to itself", [] { return ::raise(SIGWINCH) == 0; }},
      {"a descriptor of a process",
       [] {
         const long process = ::syscall(SYS_pidfd_open, ::getpid(), 0);
         return (process < 0 && errno == ENOSYS) || calls(SYS_pidfd_getfd, process, 0) ||
                errno == ENOSYS || errno == EBADF;
       }},
      {"memory files", [] { return calls(SYS_memfd_create, reinterpret_cast<long>("name")); }},
      {"a helper process",
       [] {
         bool apart = false;
         const HelperProcess helper([&](HelperProcess::Desk& desk) { apart = desk.apart(); });
         return helper.wait(std::chrono::seconds(20)) == HelperProcess::State::Done && apart;
       }},
      // Not a namespace: the kernel, and not the filter, says so.
      {"setns to a network", [] { return ::setns(-1, CLONE_NEWNET) != 0 && errno == EBADF; }},
  };
  for (const Call& call : allowed) {
    INFO(call.name);
    const int code = behind_filter(call.act);
    CHECK((code == kAllowed || code == kNoFilter));
  }
}

TEST_CASE("the filter holds for threads and gives up new rights for good") {
  if (!has_filter()) {
    WARN("skipped: no filter can be had here");
    return;
  }
  CHECK(behind_filter([] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }) == kAllowed);
  CHECK(behind_filter([] { return ::prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER; }) == kAllowed);
  CHECK(behind_filter([] {
          int number = 0;
          std::thread([&] {
            static_cast<void>(::socket(AF_INET, SOCK_STREAM, 0));
            number = errno;
          }).join();
          return number == EPERM;
        }) == kAllowed);
}

}  // namespace sockwitness::recorder
