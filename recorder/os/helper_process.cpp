#include "recorder/os/helper_process.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "recorder/os/dir.h"
#include "schema/base/error.h"

namespace sockwitness::recorder {
namespace {

// Of the thread that leads the process and does the work, with a page below it that nobody has.
class Stack {
 public:
  Stack() {
    void* place = ::mmap(nullptr,
                         kSize,
                         PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE,
                         -1,
                         0);
    if (place != MAP_FAILED) {
      place_ = static_cast<std::byte*>(place);
      ::mprotect(place_, kGuard, PROT_NONE);
    }
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack() {
    if (place_ != nullptr) {
      ::munmap(place_, kSize);
    }
  }
  // Null: there was no memory.
  [[nodiscard]] void* top() const { return place_ == nullptr ? nullptr : place_ + kSize; }

 private:
  static constexpr std::size_t kSize = 2U * 1024U * 1024U;
  static constexpr std::size_t kGuard = 4096;
  std::byte* place_ = nullptr;
};

using Word = std::atomic<std::uint32_t>;

// Both processes have the same memory, so that a private futex is one for both.
std::uint32_t wait_to_change(const Word& word,
                             std::uint32_t value,
                             std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const std::uint32_t now = word.load();
    const std::chrono::nanoseconds left = deadline - std::chrono::steady_clock::now();
    if (now != value || left.count() <= 0) {
      return now;
    }
    constexpr std::int64_t kSecond = 1'000'000'000;
    const timespec timeout{left.count() / kSecond, left.count() % kSecond};
    ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, &timeout, nullptr, 0);
  }
}

void wake(const Word& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void close_all() {
  if (::syscall(SYS_close_range, 0U, ~0U, 0U) == 0) {
    return;
  }
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t kMost = 65536;
  for (int fd = 0; fd < static_cast<int>(std::min(limit.rlim_cur, kMost)); ++fd) {
    ::close(fd);
  }
}

// The lowest numbers stay taken: what is written to standard error is to reach no other file.
void open_standard_streams() {
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (::open("/dev/null", O_RDWR | O_CLOEXEC) < 0) {
      ::open("/", O_PATH | O_CLOEXEC);
    }
  }
}

// A thread that ended may be listed for a moment longer.
bool has_other_threads() {
  const auto tasks = open_at(AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY);
  const auto numbers =
      tasks ? list_numbers(tasks.value().get()) : Result<std::vector<std::int32_t>>(tasks.error());
  return numbers && numbers.value().size() > 1;
}

// Ending the process now would end a thread that was left behind and came back, perhaps where it
// has locked the memory that it shares with the recorder. When the recorder ends, this process is
// killed.
void wait_for_stragglers() {
  constexpr std::chrono::milliseconds kLongest{1000};
  for (std::chrono::milliseconds pause{1}; has_other_threads();
       pause = std::min(pause * 2, kLongest)) {
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

struct HelperProcess::Shared {
  Work work;
  pid_t starter = ::getpid();
  Word state{static_cast<std::uint32_t>(State::Working)};
  Word ended{0};  // 1: there is no process any more
  class Post : public Desk {
   public:
    Post(Shared& shared, bool apart) : shared_(shared), apart_(apart) {}
    [[nodiscard]] bool apart() const override { return apart_; }
    void done() override { shared_.set(State::Done); }

   private:
    Shared& shared_;
    bool apart_;
  };

  void do_work(bool apart) {
    Post post(*this, apart);
    work(post);
    work = nullptr;
    post.done();
  }

  void set(State now) {
    auto working = static_cast<std::uint32_t>(State::Working);
    state.compare_exchange_strong(working, static_cast<std::uint32_t>(now));
    wake(state);
  }

  // Leads the process, on the thread-local memory of the thread that waits for it, which therefore
  // does nothing else.
  static int lead(void* argument) {
    auto& shared = *static_cast<Shared*>(argument);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != shared.starter) {
      return 1;  // the recorder has ended already
    }
    ::setsid();
    close_all();
    open_standard_streams();
    [[maybe_unused]] const int changed = ::chdir("/");  // or it could not be unmounted
    shared.do_work(true);
    wait_for_stragglers();
    return 0;
  }

  static int start_leader(void* argument) {
    ::syscall(SYS_exit_group, lead(argument));
    return 0;
  }

  // In a thread of its own.
  void keep() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    // Without a signal at its end: a program that was started with SIGCHLD ignored has nothing to
    // wait for.
    const Stack stack;
    const int process =
        stack.top() == nullptr ? -1 : ::clone(start_leader, stack.top(), CLONE_VM, this);
    if (process < 0) {
      do_work(false);
      return end();
    }
    while (::syscall(SYS_wait4, process, nullptr, __WALL, nullptr) < 0 && errno == EINTR) {
    }
    set(State::Gone);
    end();
  }

  void end() {
    ended = 1;
    wake(ended);
  }
};

HelperProcess::HelperProcess(Work work) : shared_(std::make_shared<Shared>()) {
  shared_->work = std::move(work);
  try {
    std::thread([shared = shared_] { shared->keep(); }).detach();
  } catch (const std::system_error& failure) {
    throw schema::Error(
        schema::ExitCode::Unusable,
        fmt::format("starting thread 'sockwitness-rec': {}", failure.code().message()),
        "it needs memory, and room for one more: ulimit -v; ulimit -u; TasksMax= and MemoryMax= "
        "of the unit");
  }
}

HelperProcess::~HelperProcess() {
  constexpr std::chrono::milliseconds kMoment{250};
  if (wait(std::chrono::milliseconds(0)) == State::Done) {
    wait_to_change(shared_->ended, 0, kMoment);
  }
}

HelperProcess::State HelperProcess::wait(std::chrono::milliseconds at_most) const {
  return static_cast<State>(
      wait_to_change(shared_->state, static_cast<std::uint32_t>(State::Working), at_most));
}

}  // namespace sockwitness::recorder
