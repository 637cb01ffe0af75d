#include "recorder/os/helper_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"
#include "recorder/os/unique_fd.h"
#include "schema/base/error.h"
#include "tests/support/without_threads.h"

namespace sockwitness::recorder {
namespace {

using std::chrono::milliseconds;
using State = HelperProcess::State;

constexpr milliseconds kLong{20'000};  // a loaded host is slow, and only a fault needs all of it

// What a helper process said of itself.
struct Seen {
  std::atomic<pid_t> process{0};
  pid_t parent = 0;
  pid_t session = 0;
  bool apart = false;
  std::vector<std::int32_t> descriptors;
  std::string directory;
};

template <class Condition>
bool becomes_true(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

bool is_gone(pid_t process) {
  return ::kill(process, 0) != 0 && errno == ESRCH;
}

[[noreturn]] void hang() {
  while (true) {
    ::pause();
  }
}

}  // namespace

TEST_CASE("a helper process has our memory, and no descriptor, session or directory of ours") {
  const auto seen = std::make_shared<Seen>();
  HelperProcess helper([seen](HelperProcess::Desk& desk) {
    seen->apart = desk.apart();
    seen->process = ::getpid();
    seen->parent = ::getppid();
    seen->session = ::getsid(0);
    const auto open = open_at(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY);
    seen->descriptors = list_numbers(open.value().get()).value();
    seen->directory = read_link_at(AT_FDCWD, "/proc/self/cwd").value();
  });
  REQUIRE(helper.wait(kLong) == State::Done);
  REQUIRE(seen->apart);
  CHECK(seen->process != ::getpid());
  CHECK(seen->parent == ::getpid());
  CHECK(seen->session == seen->process);
  CHECK(seen->descriptors == std::vector<std::int32_t>{0, 1, 2, 3});  // 3: the listing itself
  CHECK(seen->directory == "/");
  CHECK(becomes_true([&] { return is_gone(seen->process); }));
}

TEST_CASE("work that takes longer is not waited for") {
  const auto go_on = std::make_shared<std::atomic<bool>>(false);
  HelperProcess helper([go_on](HelperProcess::Desk&) {
    while (!*go_on) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  CHECK(helper.wait(milliseconds(20)) == State::Working);
  *go_on = true;
  CHECK(helper.wait(kLong) == State::Done);
  CHECK(helper.wait(milliseconds(0)) == State::Done);
}

TEST_CASE("tidying up is not waited for") {
  const auto go_on = std::make_shared<std::atomic<bool>>(false);
  HelperProcess helper([go_on](HelperProcess::Desk& desk) {
    desk.done();
    while (!*go_on) {
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  CHECK(helper.wait(kLong) == State::Done);
  *go_on = true;
}

TEST_CASE("a helper process that is killed is gone, whatever became of its work") {
  const auto process = std::make_shared<std::atomic<pid_t>>(0);
  HelperProcess helper([process](HelperProcess::Desk&) {
    *process = ::getpid();
    hang();
  });
  REQUIRE(becomes_true([&] { return *process != 0; }));
  REQUIRE(::kill(*process, SIGKILL) == 0);
  CHECK(helper.wait(kLong) == State::Gone);
}

TEST_CASE("a thread that was left behind may come back in peace") {
  struct Straggler {
    std::atomic<bool> released{false};
    std::atomic<bool> came_back{false};
    std::atomic<pid_t> process{0};
  };
  const auto straggler = std::make_shared<Straggler>();
  HelperProcess helper([straggler](HelperProcess::Desk&) {
    straggler->process = ::getpid();
    std::thread([straggler] {
      while (!straggler->released) {
        std::this_thread::sleep_for(milliseconds(1));
      }
      straggler->came_back = true;
    }).detach();
  });
  REQUIRE(helper.wait(kLong) == State::Done);
  std::this_thread::sleep_for(milliseconds(50));
  CHECK_FALSE(is_gone(straggler->process));
  straggler->released = true;
  CHECK(becomes_true([&] { return straggler->came_back.load(); }));
  CHECK(becomes_true([&] { return is_gone(straggler->process); }));
}

// A child stands for the recorder: whoever reads its output waits for the last who could write.
TEST_CASE("whoever waits for us does not wait for our helper process") {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int output = writing.get();
    std::atomic<pid_t> process{0};
    HelperProcess helper([&process](HelperProcess::Desk&) {
      process = ::getpid();
      hang();
    });
    while (process == 0) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    const pid_t number = process;
    [[maybe_unused]] const ssize_t told = ::write(output, &number, sizeof number);
    ::_exit(7);
  }
  writing.reset();
  pid_t process = 0;
  REQUIRE(::read(reading.get(), &process, sizeof process) == sizeof process);
  char more = 0;
  CHECK(::read(reading.get(), &more, 1) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(becomes_true([&] { return is_gone(process); }));
}

TEST_CASE("a helper process is had also where ended children are nobody's") {
  struct sigaction before {};
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  REQUIRE(::sigaction(SIGCHLD, &ignore, &before) == 0);
  for (int turn = 0; turn < 50; ++turn) {
    const auto apart = std::make_shared<std::atomic<bool>>(false);
    HelperProcess helper([apart](HelperProcess::Desk& desk) { *apart = desk.apart(); });
    REQUIRE(helper.wait(kLong) == State::Done);
    REQUIRE(*apart);
  }
  ::sigaction(SIGCHLD, &before, nullptr);
}

TEST_CASE("where no thread can be started nothing is done, and it is said what would help") {
  CHECK(test::holds_without(test::Without::Threads, [] {
    try {
      const HelperProcess helper([](HelperProcess::Desk&) { ::_exit(2); });
    } catch (const schema::Error& failure) {
      return failure.code() == schema::ExitCode::Unusable &&
             failure.message() ==
                 "starting thread 'sockwitness-rec': Resource temporarily unavailable" &&
             failure.hint().find("ulimit -v") != std::string::npos;
    }
    return false;
  }));
}

TEST_CASE("where there is no process for it a thread does the work") {
  CHECK(test::holds_without(test::Without::Processes, [] {
    std::atomic<bool> apart{true};
    const HelperProcess helper([&](HelperProcess::Desk& desk) { apart = desk.apart(); });
    return helper.wait(kLong) == State::Done && !apart;
  }));
}

}  // namespace sockwitness::recorder
