// Reads all processes with a few threads and a watchdog: one stuck process costs its own fields,
// not the pass.
//
// In:    a process source, pids with what was known of them, what is known to hang.
// Out:   one reading for each process that could be read; gaps for what timed out; what hung.
// Never: waits for a thread that is stuck in the kernel. Such a thread is left behind with what it
//        was asked, and the step that it is stuck in is not tried again on that process while it is
//        stuck. Once the patience of a run is spent, nothing more is tried that could hang.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "recorder/observe/hangs.h"
#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// One for each processor that the recorder may use, but few: it shares them with those it watches.
[[nodiscard]] unsigned default_threads();

class Walker {
 public:
  explicit Walker(std::shared_ptr<Hangs> hangs = std::make_shared<Hangs>(),
                  unsigned threads = default_threads());

  struct Outcome {
    std::vector<ProcessReading> readings;  // in the order of the pids
    std::vector<schema::Gap> gaps;
    std::vector<schema::Pid> gone;  // said to be no process any more
  };

  // The source is shared with threads that may be left behind, and so is what `known` returns,
  // which may be nothing. `deep` asks for the costly facts of every process. Processes that exit
  // meanwhile have no reading.
  Outcome walk(const std::shared_ptr<const ProcessSource>& source,
               const std::vector<schema::Pid>& pids,
               const std::function<std::shared_ptr<const KnownProcess>(schema::Pid)>& known,
               bool deep);

  [[nodiscard]] Hangs& hangs() const { return *hangs_; }

 private:
  class Run;

  // How long a step may take that gets on, as a large file's on a slow disk: several such steps are
  // no reason to be late.
  [[nodiscard]] std::chrono::steady_clock::duration slow_limit() const;

  std::shared_ptr<Hangs> hangs_;
  unsigned threads_;
  std::chrono::steady_clock::duration slow_{};  // spent on steps that took too long
};

}  // namespace sockwitness::recorder
