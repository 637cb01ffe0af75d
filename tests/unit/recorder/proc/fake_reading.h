// What the test files over a fake host have in common: one reading, and the objects of its gaps.
//
// In:    a fake host.
// Out:   readings by a fresh source.
// Never: checks anything itself.
#pragma once

#include <string>
#include <vector>

#include "recorder/proc/proc_source.h"
#include "tests/unit/recorder/proc/fake_host.h"

namespace sockwitness::recorder {

using Words = std::vector<std::string>;

inline Result<ProcessReading> read_fake(FakeHost& host,
                                        FakeInspector& inspector,
                                        int pid,
                                        const KnownProcess* known = nullptr,
                                        bool deep = false,
                                        std::uint32_t skipped = 0) {
  const ProcSource source(host.roots(), inspector);
  std::atomic<ProcessStep> step{ProcessStep::Open};
  return source.read_process({schema::Pid(pid), known, deep, skipped}, step);
}

inline std::vector<std::string> objects(const std::vector<schema::Gap>& gaps) {
  std::vector<std::string> words;
  for (const auto& gap : gaps) {
    words.push_back(gap.object.text());
  }
  return words;
}

}  // namespace sockwitness::recorder
