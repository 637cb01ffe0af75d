#include "recorder/collect/walker.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
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
  schema::BootTime skipped_start;
};

constexpr std::uint32_t step_bit(ProcessStep step) {
  return 1U << static_cast<unsigned>(step);
}

// They read the memory of a process, which may be a file, or files. The others ask the kernel only.
constexpr std::uint32_t kMayHang = step_bit(ProcessStep::CommandLine) |
                                   step_bit(ProcessStep::Program) |
                                   step_bit(ProcessStep::Environment) |
                                   step_bit(ProcessStep::Mappings) | step_bit(ProcessStep::Script);

// Of a process whose steps are known to hang, by what was left behind.
void skip_hanging_steps(Item& item, const Hangs& hangs) {
  for (const Hang& hang : hangs.of_process(item.pid)) {
    for (std::size_t at = 0; at < kProcessSteps; ++at) {
      const auto step = static_cast<ProcessStep>(at);
      if (hang.what == step_word(step)) {
        item.skipped_steps |= step_bit(step);
        item.skipped_start = hang.pid_start;
      }
    }
  }
}

// One thread, as the watchdog sees it.
struct Worker {
  std::atomic<ProcessStep> step{ProcessStep::Open};
  Whereabouts where;
  // Guarded by Shared::mutex.
  std::optional<Item> item;
  bool abandoned = false;
  bool ended = false;  // it found nothing more to do
  pid_t thread = 0;
  // Only the watchdog uses these.
  ProcessStep seen_step = ProcessStep::Open;
  std::size_t seen_position = 0;
  std::uint32_t seen_pulse = 0;
  SteadyClock::time_point begun;  // when the step began, as far as was seen
  SteadyClock::time_point since;  // when it last got on
};

struct Shared {
  std::shared_ptr<const ProcessSource> source;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Item> waiting;
  std::vector<ProcessReading> readings;  // by position; each is written once, by its reader
  std::vector<bool> is_read;             // by position
  std::vector<schema::Gap> refused;      // processes that are there and cannot be read
  std::vector<schema::Pid> gone;
  std::size_t unfinished = 0;
  std::uint32_t skipped_by_all = 0;  // steps that nobody tries any more
};

schema::GapReason step_gap_reason(int error_number) {
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
  } else if (const int number = reading.error().number; number == ESRCH || number == ENOENT) {
    shared.gone.push_back(item.pid);
  } else {
    shared.refused.push_back({.source = schema::GapSource::Process,
                              .reason = step_gap_reason(number),
                              .netns = std::nullopt,
                              .pid = item.pid,
                              .object = step_part(ProcessStep::Open),
                              .error_number = number});
  }
  --shared.unfinished;
}

void work(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Worker>& self) {
  std::unique_lock lock(shared->mutex);
  self->thread = ::gettid();
  while (!self->abandoned && !shared->waiting.empty()) {
    self->item = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    if (shared->skipped_by_all != 0) {
      self->item->skipped_steps |= shared->skipped_by_all;
      self->item->skipped_start = {};
    }
    const Item item = *self->item;
    self->step = ProcessStep::Open;
    self->where.start_ns = 0;
    self->where.device = 0;
    lock.unlock();
    auto reading = shared->source->read_process({item.pid,
                                                 item.known.get(),
                                                 item.deep,
                                                 item.skipped_steps,
                                                 item.skipped_start,
                                                 &self->where},
                                                self->step);
    lock.lock();
    self->item.reset();
    if (self->abandoned) {
      return;
    }
    finish_item(*shared, item, std::move(reading));
  }
  self->ended = true;
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
    const std::size_t wanted = std::min<std::size_t>(walker_.threads_, shared_->unfinished);
    for (std::size_t count = 0; count < wanted; ++count) {
      start_worker();
    }
    if (threads_.empty()) {
      work(shared_, std::make_shared<Worker>());  // with nobody to watch it
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
    outcome.gone = std::move(shared_->gone);
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

  // False: no thread is to be had.
  bool start_worker() {
    auto worker = std::make_shared<Worker>();
    worker->begun = worker->since = SteadyClock::now();
    try {
      threads_.push_back(
          {worker, std::thread([shared = shared_, worker] { work(shared, worker); })});
    } catch (const std::system_error&) {
      return false;
    }
    return true;
  }

  // Precondition: the mutex is held.
  void give_up() {
    for (const Item& item : shared_->waiting) {
      gaps_.push_back({.source = schema::GapSource::Process,
                       .reason = schema::GapReason::TooMany,
                       .netns = std::nullopt,
                       .pid = item.pid,
                       .object = schema::GapPart::Open,
                       .error_number = EAGAIN});
      --shared_->unfinished;
    }
    shared_->waiting.clear();
  }

  // Precondition: the mutex is held.
  void watch() {
    const auto now = SteadyClock::now();
    const auto patience = walker_.hangs_->patience_under_way();
    if (walker_.hangs_->patience().count() == 0) {
      shared_->skipped_by_all = kMayHang;
    }
    if (shared_->unfinished != seen_unfinished_) {
      seen_unfinished_ = shared_->unfinished;
      walker_.hangs_->tick();
    }
    const std::size_t count = threads_.size();
    for (std::size_t at = 0; at < count; ++at) {
      Worker& worker = *threads_[at].worker;
      if (worker.abandoned || !worker.item) {
        continue;
      }
      const ProcessStep step = worker.step;
      const std::uint32_t pulse = worker.where.pulse;
      if (step != worker.seen_step || worker.item->position != worker.seen_position) {
        worker.seen_step = step;
        worker.seen_position = worker.item->position;
        worker.begun = worker.since = now;
      } else if (pulse != worker.seen_pulse) {
        worker.since = now;
      }
      worker.seen_pulse = pulse;
      if (now - worker.since > patience) {
        note_hang(worker, *worker.item, step);
        abandon(threads_[at].worker, step);
      } else if (now - worker.begun > walker_.slow_limit()) {
        walker_.slow_ += now - worker.begun;
        abandon(threads_[at].worker, step);
      }
    }
  }

  // Precondition: the mutex is held.
  void abandon(const std::shared_ptr<Worker>& worker, ProcessStep step) {
    worker->abandoned = true;
    Item again = *worker->item;
    const schema::BootTime start{worker->where.start_ns};
    if (again.skipped_start != schema::BootTime() && again.skipped_start != start) {
      again.skipped_steps = 0;  // they were of another process
    }
    const bool hopeless = step == ProcessStep::Open || step == ProcessStep::Stat ||
                          (again.skipped_steps & step_bit(step)) != 0;
    if (hopeless) {
      gaps_.push_back({schema::GapSource::Process,
                       schema::GapReason::TimedOut,
                       std::nullopt,
                       again.pid,
                       step_part(step)});
      --shared_->unfinished;
    } else {
      again.skipped_start = again.skipped_steps == 0 ? start : again.skipped_start;
      again.skipped_steps |= step_bit(step);
      shared_->waiting.push_front(std::move(again));
    }
    // Many that hang are waited for together.
    constexpr std::size_t kMany = 4;
    constexpr std::size_t kMostThreads = 32;
    const bool many = threads_.size() >= kMostThreads;
    if (many) {
      shared_->skipped_by_all = kMayHang;
    }
    if (!start_worker() && !has_worker()) {
      give_up();
    } else if (++abandoned_ % kMany == 0 && !many) {
      start_worker();
    }
  }

  [[nodiscard]] bool has_worker() const {
    return std::any_of(threads_.begin(), threads_.end(), [](const Thread& thread) {
      return !thread.worker->abandoned && !thread.worker->ended;
    });
  }

  void note_hang(const Worker& worker, const Item& item, ProcessStep step) {
    Hang hang;
    hang.thread = schema::Pid(worker.thread);
    hang.what = step_word(step);
    hang.pid = item.pid;
    hang.pid_start = schema::BootTime{worker.where.start_ns};
    hang.device = schema::Device(worker.where.device);
    if (worker.where.at_program) {
      hang.device = shared_->source->find_program_device(item.pid);
    }
    walker_.hangs_->add(std::move(hang));
  }

  Walker& walker_;
  std::shared_ptr<Shared> shared_;
  std::vector<Thread> threads_;
  std::vector<schema::Gap> gaps_;
  std::size_t abandoned_ = 0;
  std::size_t seen_unfinished_ = 0;
};

unsigned default_threads() {
  constexpr unsigned kMost = 4;
  return std::clamp(std::thread::hardware_concurrency(), 2U, kMost);
}

Walker::Walker(std::shared_ptr<Hangs> hangs, unsigned threads)
    : hangs_(std::move(hangs)), threads_(threads) {
}

SteadyClock::duration Walker::slow_limit() const {
  constexpr std::chrono::seconds kOnce{8};
  constexpr std::chrono::seconds kOften{2};
  return slow_ < kOnce ? kOnce : kOften;
}

Walker::Outcome Walker::walk(
    const std::shared_ptr<const ProcessSource>& source,
    const std::vector<schema::Pid>& pids,
    const std::function<std::shared_ptr<const KnownProcess>(schema::Pid)>& known,
    bool deep) {
  std::deque<Item> items;
  for (const schema::Pid pid : pids) {
    Item item;
    item.position = items.size();
    item.pid = pid;
    item.known = known(pid);
    item.deep = deep;
    skip_hanging_steps(item, *hangs_);
    items.push_back(std::move(item));
  }
  return Run(*this, source, std::move(items)).finish();
}

}  // namespace sockwitness::recorder
