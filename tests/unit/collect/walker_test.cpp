#include "recorder/collect/walker.h"

#include <cerrno>
#include <condition_variable>
#include <mutex>

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using schema::GapReason;
using schema::GapSource;
using schema::Pid;

// Answers at once, but for one process that hangs in one step until it is released.
class FakeProcesses : public ProcessSource {
 public:
  ProcessList list_processes() override { return {}; }
  std::vector<Pid> list_members(const std::vector<std::string>&) const override { return {}; }

  Result<ProcessReading> read_process(const ProcessRequest& request,
                                      std::atomic<ProcessStep>& step) const override {
    if (request.pid == gone) {
      return SysError{ESRCH, "opening", "gone"};
    }
    ProcessReading reading;
    reading.process.pid = request.pid;
    reading.deep = request.deep;
    if (request.known != nullptr) {
      reading.process.name = request.known->name;
    }
    const std::uint32_t bit = 1U << static_cast<unsigned>(stuck_step);
    if (request.pid == stuck && (request.skipped_steps & bit) == 0) {
      step = stuck_step;
      std::unique_lock lock(mutex);
      released.wait(lock, [this] { return is_released; });
    }
    if (request.skipped_steps != 0) {
      reading.gaps.push_back({GapSource::ProcessField,
                              GapReason::TimedOut,
                              {},
                              request.pid,
                              std::string(step_word(stuck_step))});
    }
    return reading;
  }

  void release() {
    const std::lock_guard lock(mutex);
    is_released = true;
    released.notify_all();
  }

  Pid gone{-1};
  Pid stuck{-1};
  ProcessStep stuck_step = ProcessStep::CommandLine;
  mutable std::mutex mutex;
  mutable std::condition_variable released;
  bool is_released = false;
};

std::vector<Pid> pids(int count) {
  std::vector<Pid> list;
  for (int pid = 1; pid <= count; ++pid) {
    list.emplace_back(pid);
  }
  return list;
}

std::shared_ptr<const KnownProcess> nothing_known(Pid) {
  return nullptr;
}

// Patience so short that the test is quick, so long that a loaded host does not exhaust it where a
// reading returns at once.
constexpr WalkLimits kShort{2, std::chrono::milliseconds(300), std::chrono::milliseconds(300)};

}  // namespace

TEST_CASE("readings come in the order of the pids, whichever thread was faster") {
  const auto source = std::make_shared<FakeProcesses>();
  Walker walker;
  const auto outcome = walker.walk(source, pids(500), nothing_known, true);
  REQUIRE(outcome.readings.size() == 500);
  for (int at = 0; at < 500; ++at) {
    REQUIRE(outcome.readings[static_cast<std::size_t>(at)].process.pid == Pid(at + 1));
  }
  CHECK(outcome.gaps.empty());
  CHECK(outcome.readings[0].deep);
  CHECK(walker.walk(source, {}, nothing_known, false).readings.empty());
}

TEST_CASE("a process that exited is left out and no gap") {
  const auto source = std::make_shared<FakeProcesses>();
  source->gone = Pid(2);
  Walker walker;
  const auto known = std::make_shared<KnownProcess>();
  known->name = "known";
  const auto outcome = walker.walk(
      source, pids(3), [&](Pid pid) { return pid == Pid(3) ? known : nullptr; }, false);
  REQUIRE(outcome.readings.size() == 2);
  CHECK(outcome.readings[0].process.name.empty());
  CHECK(outcome.readings[1].process.name == "known");
  CHECK(outcome.gaps.empty());
}

TEST_CASE("a stuck step costs its own field, and is not tried again while it is stuck") {
  const auto source = std::make_shared<FakeProcesses>();
  source->stuck = Pid(2);
  Walker walker(kShort);
  for (int pass = 0; pass < 2; ++pass) {
    const auto outcome = walker.walk(source, pids(5), nothing_known, false);
    REQUIRE(outcome.readings.size() == 5);
    CHECK(outcome.readings[1].gaps.size() == 1);
    CHECK(outcome.readings[0].gaps.empty());
    CHECK(outcome.gaps.empty());
  }
  source->release();
}

TEST_CASE("a process that hangs from the start is a gap") {
  const auto source = std::make_shared<FakeProcesses>();
  source->stuck = Pid(2);
  source->stuck_step = ProcessStep::Stat;
  Walker walker(kShort);
  const auto outcome = walker.walk(source, pids(3), nothing_known, false);
  CHECK(outcome.readings.size() == 2);
  REQUIRE(outcome.gaps.size() == 1);
  CHECK(outcome.gaps[0].source == GapSource::Process);
  CHECK(outcome.gaps[0].reason == GapReason::TimedOut);
  CHECK(outcome.gaps[0].pid == Pid(2));
  source->release();
}

}  // namespace sockwitness::recorder
