#include "recorder/os/call_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace sockwitness::recorder {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kForeign = 0x40000000;  // calls of the x32 ABI have higher numbers
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kForeign = 0;
#else
constexpr std::uint32_t kArchitecture = 0;  // not known: no filter
constexpr std::uint32_t kForeign = 0;
#endif

// Refused whatever they are asked with.
constexpr std::array kRefused = {
    // other programs
    SYS_execve,
    SYS_execveat,
    // other processes
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_process_mrelease,
    SYS_kill,
    SYS_tkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_pidfd_send_signal,
    SYS_migrate_pages,
    SYS_move_pages,
    SYS_setpriority,
    SYS_ioprio_set,
    SYS_sched_setaffinity,
    SYS_sched_setattr,
    SYS_sched_setparam,
    SYS_sched_setscheduler,
    // clocks
    SYS_clock_settime,
    SYS_settimeofday,
    // the kernel
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_vhangup,
    SYS_quotactl_fd,
    // sockets that others may speak to
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    // keys
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    // another place or user
    SYS_chroot,
    SYS_pivot_root,
    SYS_mount,
    SYS_umount2,
    SYS_move_mount,
    SYS_open_tree,
    SYS_mount_setattr,
    SYS_open_by_handle_at,
    SYS_unshare,
    SYS_setuid,
    SYS_setgid,
    SYS_setreuid,
    SYS_setregid,
    SYS_setresuid,
    SYS_setresgid,
    SYS_setfsuid,
    SYS_setfsgid,
    SYS_setgroups,
    SYS_capset,
    SYS_personality,
    SYS_mknodat,
#ifdef __x86_64__
    SYS_mknod,
    SYS_fork,
    SYS_vfork,
    SYS_ioperm,
    SYS_iopl,
    SYS_modify_ldt,
    SYS_uselib,
    SYS_create_module,
#endif
};

constexpr std::uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// A program of the kernel's packet filter: jumps count instructions from the next one on.
class FilterProgram {
 public:
  void load_number() { load(offsetof(seccomp_data, nr)); }
  void load_architecture() { load(offsetof(seccomp_data, arch)); }
  // The lower half of an argument: the calls below take no more than an int.
  void load_argument(std::size_t number) {
    load(offsetof(seccomp_data, args) + number * sizeof(std::uint64_t));
  }
  void allow() { add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)); }
  void refuse(int error_number) {
    add(BPF_STMT(
        BPF_RET | BPF_K,
        SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error_number) & SECCOMP_RET_DATA)));
  }
  // Goes on with the next instruction if the loaded value is this one, else passes over `count`.
  void unless_equal_skip(std::uint32_t value, std::uint8_t count) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count));
  }
  void if_equal_skip(std::uint32_t value, std::uint8_t count) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, count, 0));
  }
  void unless_at_least_skip(std::uint32_t value, std::uint8_t count) {
    add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 0, count));
  }
  void unless_any_bit_skip(std::uint32_t bits, std::uint8_t count) {
    add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, count));
  }
  // The call, unless an argument is one of these.
  template <class... Values>
  void refuse_unless(long call, std::size_t argument, Values... values) {
    constexpr auto kCount = static_cast<std::uint8_t>(sizeof...(values));
    unless_equal_skip(static_cast<std::uint32_t>(call), kCount + 3);
    load_argument(argument);
    std::uint8_t left = kCount;
    (if_equal_skip(static_cast<std::uint32_t>(values), left--), ...);
    refuse(EPERM);
    allow();
  }

  [[nodiscard]] sock_fprog finished() {
    return {static_cast<unsigned short>(count_), instructions_.data()};
  }

 private:
  void load(std::size_t offset) {
    add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  void add(sock_filter instruction) { instructions_.at(count_++) = instruction; }

  std::array<sock_filter, 2 * kRefused.size() + 64> instructions_{};
  std::size_t count_ = 0;
};

FilterProgram build_program() {
  FilterProgram program;
  program.load_architecture();
  program.if_equal_skip(kArchitecture, 1);
  program.refuse(EPERM);
  program.load_number();
  if (kForeign != 0) {
    constexpr std::uint32_t kNone = 0xFFFFFFFF;  // whoever traces this process took the call away
    program.unless_at_least_skip(kForeign, 2);
    program.if_equal_skip(kNone, 1);
    program.refuse(EPERM);
  }
  for (const long call : kRefused) {
    program.unless_equal_skip(static_cast<std::uint32_t>(call), 1);
    program.refuse(EPERM);
  }

  // Its flags lie in memory, which a filter cannot read; the C library then uses clone.
  program.unless_equal_skip(SYS_clone3, 1);
  program.refuse(ENOSYS);

  program.unless_equal_skip(SYS_clone, 4);
  program.load_argument(0);
  program.unless_any_bit_skip(kNamespaces, 1);
  program.refuse(EPERM);
  program.allow();

  program.refuse_unless(SYS_setns, 1, CLONE_NEWNET);
  program.refuse_unless(SYS_socket, 0, AF_UNIX, AF_NETLINK);
  program.refuse_unless(SYS_socketpair, 0, AF_UNIX);
  program.refuse_unless(SYS_prlimit64, 0, 0);        // its own limits
  program.refuse_unless(SYS_tgkill, 0, ::getpid());  // abort()
  program.allow();
  return program;
}

}  // namespace

std::optional<SysError> filter_system_calls() {
  if (kSanitized) {
    return std::nullopt;
  }
  const auto refused = [](int number) { return SysError{number, "filtering", "system calls"}; };
  if (kArchitecture == 0) {
    return refused(EOPNOTSUPP);
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return refused(errno);
  }
  FilterProgram program = build_program();
  sock_fprog filter = program.finished();
  // Also over a thread that a preloaded library has started. Where another filter refuses that, a
  // call of old makes it for this thread and those to come.
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0) {
    return std::nullopt;
  }
  return refused(errno);
}

}  // namespace sockwitness::recorder
