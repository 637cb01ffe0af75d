#include "recorder/app/observation.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "recorder/app/live_host.h"
#include "recorder/os/left_to_exit.h"
#include "recorder/proc/hanging_thread.h"
#include "schema/base/error.h"

namespace sockwitness::recorder {
namespace {

// The costly facts of unchanged processes are read anew once in so many snapshots.
constexpr std::int64_t kDeepEvery = 12;

// Nothing that is known to hang takes so long.
constexpr std::chrono::seconds kStall{30};

// A changed package database may change the verdict on any file.
bool is_deep_turn(const schema::Snapshot& previous, const schema::Context& now) {
  if (!previous.seq || previous.context.boot_id != now.boot_id ||
      previous.context.package_database_mtime_ns != now.package_database_mtime_ns) {
    return true;
  }
  return previous.seq->value() + 1 - previous.deep_seq.value_or(*previous.seq).value() >=
         kDeepEvery;
}

std::int64_t read_cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  constexpr std::int64_t kMicros = 1'000'000;
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * kMicros + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

// Those that still hang, as other runs will recognise them.
std::vector<Hang> identify(std::vector<Hang> hangs, schema::WallTime since) {
  std::vector<Hang> identified;
  for (Hang& hang : hangs) {
    hang.process = schema::Pid(::getpid());
    hang.since = since;
    if (const auto start = read_thread_start(hang.process, hang.thread)) {
      hang.thread_start = *start;
      identified.push_back(std::move(hang));
    }
  }
  return identified;
}

schema::Error no_answer(std::string message) {
  return {schema::ExitCode::Unusable,
          "looking at this host: " + std::move(message),
          "what waits for a file system or a device: ps -eo pid,stat,wchan:32,args"};
}

}  // namespace

// Shared by the recorder and its helper.
struct Observation::Work {
  enum class Knowledge { Awaited, Told, Never };

  Work(std::string text, std::vector<Hang> earlier, bool last)
      : note(std::move(text)), is_last(last), hangs(std::make_shared<Hangs>(std::move(earlier))) {}

  std::string note;
  const bool is_last;
  std::shared_ptr<Hangs> hangs;
  std::atomic<Knowledge> knowledge{Knowledge::Awaited};
  Known known;  // once told

  Seen seen;
  std::exception_ptr failure;

  void tell(Knowledge now) {
    knowledge = now;
    knowledge.notify_all();
  }

  // In the helper process.
  void look(HelperProcess::Desk& desk) {
    try {
      look_around(desk);
    } catch (...) {
      failure = std::current_exception();
    }
  }

  void look_around(HelperProcess::Desk& desk) {
    const auto host = LiveHost::open(hangs, desk.apart());
    Walker walker(hangs);
    auto collector = std::make_unique<Collector>(host->sources(), walker, std::move(note));
    collector->begin();
    collector->read_tables();
    knowledge.wait(Knowledge::Awaited);
    if (knowledge == Knowledge::Never) {
      return;
    }
    const schema::Snapshot& previous = known.previous->snapshot;
    const bool deep = is_deep_turn(previous, collector->context());
    const auto processes = host->make_processes(known.programs, known.mask);
    seen.snapshot = collector->finish(processes, {previous.seq ? &previous : nullptr, deep});
    host->note_package_hangs();
    seen.hangs = identify(hangs->found(), seen.snapshot.begin.wall);
    seen.cpu_us = desk.apart() ? read_cpu_us() : 0;
    desk.done();
    if (is_last) {
      leave_to_exit(std::move(collector));
      leave_to_exit(std::move(known));
    }
  }
};

Observation::Observation(std::string note, std::vector<Hang> earlier, bool is_last)
    : work_(std::make_shared<Work>(std::move(note), std::move(earlier), is_last)),
      helper_([work = work_](HelperProcess::Desk& desk) { work->look(desk); }) {
}

Observation::~Observation() {
  if (work_->knowledge == Work::Knowledge::Awaited) {
    work_->tell(Work::Knowledge::Never);
  }
}

Observation::Seen Observation::finish(Known known, const std::function<void()>& check) {
  using SteadyClock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kPause{50};
  work_->known = std::move(known);
  work_->tell(Work::Knowledge::Told);
  auto state = HelperProcess::State::Working;
  std::uint64_t ticks = 0;
  for (auto since = SteadyClock::now();
       (state = helper_.wait(kPause)) == HelperProcess::State::Working;) {
    check();
    if (const std::uint64_t now = work_->hangs->ticks(); now != ticks) {
      ticks = now;
      since = SteadyClock::now();
    } else if (SteadyClock::now() - since > kStall) {
      throw no_answer(fmt::format("no answer for {} s", kStall.count()));
    }
  }
  if (state == HelperProcess::State::Gone) {
    // It may have ended where it had locked memory: nothing that it used is given back.
    [[maybe_unused]] const auto* kept = new std::shared_ptr<Work>(work_);
    throw no_answer("the process that looks was ended by somebody");
  }
  if (work_->failure) {
    std::rethrow_exception(work_->failure);
  }
  return std::move(work_->seen);
}

}  // namespace sockwitness::recorder
