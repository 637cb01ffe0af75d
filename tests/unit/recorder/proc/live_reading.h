// The process source over the real /proc, for one test.
//
// In:    a pid.
// Out:   a reading in which nothing is known before.
// Never: inspects programs for real.
#pragma once

#include <utility>

#include "recorder/proc/proc_source.h"
#include "tests/unit/recorder/proc/fake_host.h"

namespace sockwitness::recorder {

class LiveReading {
 public:
  LiveReading() : roots(std::move(open_roots("/proc", "/").value())), source(roots, inspector) {}

  Result<ProcessReading> read(pid_t pid) {
    std::atomic<ProcessStep> step{};
    return source.read_process({schema::Pid(pid), nullptr, false, 0}, step);
  }

  HostRoots roots;
  FakeInspector inspector;
  ProcSource source;
};

}  // namespace sockwitness::recorder
