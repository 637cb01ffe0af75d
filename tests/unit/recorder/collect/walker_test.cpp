#include "recorder/collect/walker.h"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/support/without_threads.h"

namespace sockwitness::recorder {
namespace {

using schema::GapReason;
using schema::GapSource;
using schema::Pid;

// Answers at once, but for some processes that hang in one step until they are released, and one
// that takes long and gets on.
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
    request.where->start_ns = start_of(request.pid).nanoseconds;
    const std::uint32_t bit = 1U << static_cast<unsigned>(stuck_step);
    const bool skipped =
        (request.skipped_steps & bit) != 0 && (request.skipped_start == schema::BootTime() ||
                                               request.skipped_start == start_of(request.pid));
    if (request.pid == slow) {
      step = ProcessStep::Program;
      for (int pulse = 0; pulse < 40; ++pulse) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        ++request.where->pulse;
      }
    }
    if (request.pid >= stuck && request.pid <= last_stuck && !skipped) {
      const Asking asking(request.where, schema::Device(54));
      step = stuck_step;
      ++tried;
      std::unique_lock lock(mutex);
      released.wait(lock, [this] { return is_released; });
    }
    if (skipped) {
      reading.gaps.push_back(
          {GapSource::ProcessField, GapReason::TimedOut, {}, request.pid, step_part(stuck_step)});
    }
    return reading;
  }

  void release() {
    const std::lock_guard lock(mutex);
    is_released = true;
    released.notify_all();
  }

  static schema::BootTime start_of(Pid pid) { return {pid.value() * 1'000'000'000LL}; }

  Pid gone{-1};
  Pid slow{-1};
  Pid stuck{0};  // the first that hangs, and the last
  Pid last_stuck{-1};
  mutable std::atomic<int> tried{0};
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
constexpr PatienceLimits kShort{std::chrono::milliseconds(300),
                                std::chrono::milliseconds(300),
                                std::chrono::milliseconds(20'000)};

std::shared_ptr<Hangs> short_patience(std::vector<Hang> earlier = {},
                                      PatienceLimits limits = kShort) {
  return std::make_shared<Hangs>(std::move(earlier), limits);
}

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
  source->stuck = source->last_stuck = Pid(2);
  Walker walker(short_patience(), 2);
  for (int pass = 0; pass < 2; ++pass) {
    const auto outcome = walker.walk(source, pids(5), nothing_known, false);
    REQUIRE(outcome.readings.size() == 5);
    CHECK(outcome.readings[1].gaps.size() == 1);
    CHECK(outcome.readings[0].gaps.empty());
    CHECK(outcome.gaps.empty());
  }
  CHECK(source->tried == 1);
  const auto found = walker.hangs().found();
  REQUIRE(found.size() == 1);
  CHECK(found[0].what == "command_line");
  CHECK(found[0].pid == Pid(2));
  CHECK(found[0].pid_start == FakeProcesses::start_of(Pid(2)));
  CHECK(found[0].device == schema::Device(54));
  CHECK(found[0].thread > Pid(0));
  source->release();
}

TEST_CASE("what an earlier run left hanging is not tried, but of another process with its number") {
  const auto source = std::make_shared<FakeProcesses>();
  source->stuck = Pid(2);
  source->last_stuck = Pid(3);
  Hang hang;
  hang.process = hang.thread = Pid(77);
  hang.what = "command_line";
  hang.pid = Pid(2);
  hang.pid_start = FakeProcesses::start_of(Pid(2));
  Hang other = hang;
  other.pid = Pid(3);
  Walker walker(short_patience({hang, other}), 2);
  const auto outcome = walker.walk(source, pids(4), nothing_known, false);
  REQUIRE(outcome.readings.size() == 4);
  CHECK(outcome.readings[1].gaps.size() == 1);
  CHECK(outcome.readings[2].gaps.size() == 1);
  CHECK(source->tried == 1);
  CHECK(walker.hangs().found().size() == 1);
  CHECK(walker.hangs().is_ours(Pid(77)));
  source->release();
}

TEST_CASE("once the patience of a run is spent nothing is tried that could hang") {
  const auto source = std::make_shared<FakeProcesses>();
  source->stuck = Pid(1);
  source->last_stuck = Pid(400);
  const PatienceLimits limits{std::chrono::milliseconds(100),
                              std::chrono::milliseconds(50),
                              std::chrono::milliseconds(200)};
  Walker walker(short_patience({}, limits), 2);
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = walker.walk(source, pids(500), nothing_known, false);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(outcome.readings.size() == 500);
  CHECK(outcome.readings[399].gaps.size() == 1);
  CHECK(source->tried >= 2);
  CHECK(source->tried < 200);
  CHECK(took < std::chrono::seconds(20));  // and not 400 times the patience of each
  source->release();
}

TEST_CASE("a step that takes long and gets on does not hang") {
  const auto source = std::make_shared<FakeProcesses>();
  source->slow = Pid(2);
  Walker walker(short_patience(), 2);
  const auto outcome = walker.walk(source, pids(3), nothing_known, false);
  REQUIRE(outcome.readings.size() == 3);
  CHECK(outcome.readings[1].gaps.empty());
  CHECK(walker.hangs().found().empty());
}

TEST_CASE("a process that hangs from the start is a gap") {
  const auto source = std::make_shared<FakeProcesses>();
  source->stuck = source->last_stuck = Pid(2);
  source->stuck_step = ProcessStep::Stat;
  Walker walker(short_patience(), 2);
  const auto outcome = walker.walk(source, pids(3), nothing_known, false);
  CHECK(outcome.readings.size() == 2);
  REQUIRE(outcome.gaps.size() == 1);
  CHECK(outcome.gaps[0].source == GapSource::Process);
  CHECK(outcome.gaps[0].reason == GapReason::TimedOut);
  CHECK(outcome.gaps[0].pid == Pid(2));
  source->release();
}

TEST_CASE("where no thread can be started whoever walks reads by itself") {
  CHECK(test::holds_without(test::Without::Threads, [] {
    const auto source = std::make_shared<FakeProcesses>();
    source->gone = Pid(2);
    Walker walker;
    const auto outcome = walker.walk(source, pids(9), nothing_known, false);
    return outcome.readings.size() == 8 && outcome.gaps.empty() &&
           outcome.gone == std::vector{Pid(2)};
  }));
}

}  // namespace sockwitness::recorder
