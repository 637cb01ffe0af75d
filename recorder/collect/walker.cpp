#include "recorder/collect/walker.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace sockwitness::recorder {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct Item {
  std::size_t position = 0;  // in the list of pids
  schema::Pid pid;
  std::shared_ptr<const KnownProcess> known;  // shared: the thread may outlive the walk
  bool deep = false;
  std::uint32_t skipped_steps = 0;
};

std::uint32_t step_bit(ProcessStep step) {
  return 1U << static_cast<unsigned>(step);
}

// One thread, as the watchdog sees it.
struct Worker {
  std::atomic<ProcessStep> step{ProcessStep::Open};
  // Guarded by Shared::mutex.
  std::optional<Item> item;
  bool abandoned = false;
  // Only the watchdog uses these.
  ProcessStep seen_step = ProcessStep::Open;
  std::size_t seen_position = 0;
  SteadyClock::time_point since;
};

struct Shared {
  std::shared_ptr<const ProcessSource> source;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Item> waiting;
  std::vector<ProcessReading> readings;  // by position; each is written once, by its reader
  std::vector<bool> is_read;             // by position
  std::vector<schema::Gap> refused;      // processes that are there and cannot be read
  std::size_t unfinished = 0;
};

schema::GapReason reason_of(int error_number) {
  switch (error_number) {
    case EACCES:
    case EPERM:
      return schema::GapReason::Permission;
    case ETIMEDOUT:
      return schema::GapReason::TimedOut;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return schema::GapReason::TooMany;
    default:
      return schema::GapReason::Failed;
  }
}

void finish_item(Shared& shared, const Item& item, Result<ProcessReading> reading) {
  if (reading) {
    shared.readings[item.position] = std::move(reading.value());
    shared.is_read[item.position] = true;
  } else if (const int number = reading.error().number; number != ESRCH && number != ENOENT) {
    shared.refused.push_back({schema::GapSource::Process,
                              reason_of(number),
                              std::nullopt,
                              item.pid,
                              std::string(step_word(ProcessStep::Open)),
                              number});
  }
  --shared.unfinished;
}

void work(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Worker>& self) {
  std::unique_lock lock(shared->mutex);
  while (!self->abandoned && !shared->waiting.empty()) {
    self->item = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    const Item item = *self->item;
    self->step = ProcessStep::Open;
    lock.unlock();
    auto reading = shared->source->read_process(
        {item.pid, item.known.get(), item.deep, item.skipped_steps}, self->step);
    lock.lock();
    self->item.reset();
    if (self->abandoned) {
      return;
    }
    finish_item(*shared, item, std::move(reading));
  }
  shared->changed.notify_all();
}

}  // namespace

// One walk: starts the threads, watches them, replaces those that are stuck.
class Walker::Run {
 public:
  Run(Walker& walker, std::shared_ptr<const ProcessSource> source, std::deque<Item> items)
      : walker_(walker), shared_(std::make_shared<Shared>()) {
    shared_->source = std::move(source);
    shared_->readings.resize(items.size());
    shared_->is_read.resize(items.size());
    shared_->unfinished = items.size();
    shared_->waiting = std::move(items);
  }

  Outcome finish() {
    const std::size_t wanted = std::min<std::size_t>(walker_.limits_.threads, shared_->unfinished);
    for (std::size_t count = 0; count < wanted; ++count) {
      start_worker();
    }
    std::unique_lock lock(shared_->mutex);
    while (shared_->unfinished > 0) {
      shared_->changed.wait_for(lock, std::chrono::milliseconds(50));
      watch();
    }
    lock.unlock();
    for (Thread& thread : threads_) {
      if (thread.worker->abandoned) {
        thread.handle.detach();
      } else {
        thread.handle.join();
      }
    }
    Outcome outcome;
    outcome.gaps = std::move(gaps_);
    outcome.gaps.insert(outcome.gaps.end(), shared_->refused.begin(), shared_->refused.end());
    outcome.readings = take_readings();
    return outcome;
  }

 private:
  struct Thread {
    std::shared_ptr<Worker> worker;
    std::thread handle;
  };

  // In place: most often none is missing, and each is large.
  std::vector<ProcessReading> take_readings() {
    std::vector<ProcessReading> readings = std::move(shared_->readings);
    std::size_t kept = 0;
    for (std::size_t at = 0; at < readings.size(); ++at) {
      if (shared_->is_read[at]) {
        if (kept != at) {
          readings[kept] = std::move(readings[at]);
        }
        ++kept;
      }
    }
    readings.resize(kept);
    return readings;
  }

  void start_worker() {
    auto worker = std::make_shared<Worker>();
    worker->since = SteadyClock::now();
    threads_.push_back({worker, std::thread([shared = shared_, worker] { work(shared, worker); })});
  }

  // Precondition: the mutex is held.
  void watch() {
    const auto now = SteadyClock::now();
    const auto patience = timeouts_ < 2 ? walker_.limits_.patience : walker_.limits_.short_patience;
    const std::size_t count = threads_.size();
    for (std::size_t at = 0; at < count; ++at) {
      Worker& worker = *threads_[at].worker;
      if (worker.abandoned || !worker.item) {
        continue;
      }
      const ProcessStep step = worker.step;
      if (step != worker.seen_step || worker.item->position != worker.seen_position) {
        worker.seen_step = step;
        worker.seen_position = worker.item->position;
        worker.since = now;
      } else if (now - worker.since > patience) {
        abandon(threads_[at].worker, step);
      }
    }
  }

  void abandon(const std::shared_ptr<Worker>& worker, ProcessStep step) {
    ++timeouts_;
    worker->abandoned = true;
    Item again = *worker->item;
    Stuck& stuck = walker_.stuck_[again.pid];
    stuck.steps |= step_bit(step);
    stuck.thread = worker;
    const bool hopeless = step == ProcessStep::Open || step == ProcessStep::Stat ||
                          (again.skipped_steps & step_bit(step)) != 0;
    if (hopeless) {
      gaps_.push_back({schema::GapSource::Process,
                       schema::GapReason::TimedOut,
                       std::nullopt,
                       again.pid,
                       std::string(step_word(step))});
      --shared_->unfinished;
    } else {
      again.skipped_steps |= step_bit(step);
      shared_->waiting.push_front(std::move(again));
    }
    start_worker();
  }

  Walker& walker_;
  std::shared_ptr<Shared> shared_;
  std::vector<Thread> threads_;
  std::vector<schema::Gap> gaps_;
  unsigned timeouts_ = 0;
};

unsigned default_threads() {
  constexpr unsigned kMost = 4;
  return std::clamp(std::thread::hardware_concurrency(), 2U, kMost);
}

Walker::Walker(WalkLimits limits) : limits_(limits) {
}
Walker::~Walker() = default;

Walker::Outcome Walker::walk(
    const std::shared_ptr<const ProcessSource>& source,
    const std::vector<schema::Pid>& pids,
    const std::function<std::shared_ptr<const KnownProcess>(schema::Pid)>& known,
    bool deep) {
  std::erase_if(stuck_, [](const auto& entry) { return entry.second.thread.expired(); });
  std::deque<Item> items;
  for (const schema::Pid pid : pids) {
    Item item;
    item.position = items.size();
    item.pid = pid;
    item.known = known(pid);
    item.deep = deep;
    if (const auto found = stuck_.find(pid); found != stuck_.end()) {
      item.skipped_steps = found->second.steps;
    }
    items.push_back(std::move(item));
  }
  return Run(*this, source, std::move(items)).finish();
}

}  // namespace sockwitness::recorder
