// The parents of a process, within one snapshot.
//
// In:    one snapshot.
// Out:   the chain of parents of a process, up to pid 1 or to the first that is unknown.
// Never: runs in a circle, whatever a file says.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "schema/view/snapshot_view.h"

namespace sockwitness::schema {

class Ancestry {
 public:
  // The view must outlive it.
  explicit Ancestry(const SnapshotView& view);

  [[nodiscard]] std::optional<ProcessIndex> find(Pid pid) const;
  // Nothing without a parent that was seen. A process that started later is no parent: its
  // pid was given out anew.
  [[nodiscard]] std::optional<ProcessIndex> parent(const Process& process) const;
  // Nearest first; without the process itself.
  [[nodiscard]] std::vector<ProcessIndex> ancestors(const Process& process) const;

 private:
  const SnapshotView& view_;
  std::unordered_map<Pid, ProcessIndex> by_pid_;
};

}  // namespace sockwitness::schema
