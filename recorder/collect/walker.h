// Reads all processes with a few threads and a watchdog: one stuck process costs its own fields,
// not the pass.
//
// In:    a process source, pids with what was known of them.
// Out:   one reading for each process that could be read; gaps for what timed out.
// Never: waits for a thread that is stuck in the kernel. Such a thread is left behind with what it
//        was asked, and the step that it is stuck in is not tried again on that process while it is
//        stuck: a walker that lives through many passes leaves one thread behind, not one a pass.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// One for each processor that the recorder may use, but few: it shares them with those it watches.
[[nodiscard]] unsigned default_threads();

struct WalkLimits {
  unsigned threads = default_threads();
  std::chrono::milliseconds patience{2000};       // for one step of one process
  std::chrono::milliseconds short_patience{250};  // once several steps of this walk have timed out
};

class Walker {
 public:
  explicit Walker(WalkLimits limits = {});
  ~Walker();
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;

  struct Outcome {
    std::vector<ProcessReading> readings;  // in the order of the pids
    std::vector<schema::Gap> gaps;
  };

  // The source is shared with threads that may be left behind, and so is what `known` returns,
  // which may be nothing. `deep` asks for the costly facts of every process. Processes that exit
  // meanwhile are left out.
  Outcome walk(const std::shared_ptr<const ProcessSource>& source,
               const std::vector<schema::Pid>& pids,
               const std::function<std::shared_ptr<const KnownProcess>(schema::Pid)>& known,
               bool deep);

 private:
  class Run;
  struct Stuck {
    std::uint32_t steps = 0;           // bit per ProcessStep
    std::weak_ptr<const void> thread;  // expired once the thread came back
  };

  WalkLimits limits_;
  std::unordered_map<schema::Pid, Stuck> stuck_;
};

}  // namespace sockwitness::recorder
