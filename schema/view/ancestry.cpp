#include "schema/view/ancestry.h"

#include <algorithm>

#include "schema/model/snapshot.h"

namespace sockwitness::schema {

Ancestry::Ancestry(const SnapshotView& view) : view_(view) {
  const auto& processes = view.snapshot().processes;
  by_pid_.reserve(processes.size());
  for (std::uint32_t at = 0; at < processes.size(); ++at) {
    by_pid_.emplace(processes[at].pid, ProcessIndex(at));
  }
}

std::optional<ProcessIndex> Ancestry::find(Pid pid) const {
  const auto found = by_pid_.find(pid);
  return found == by_pid_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<ProcessIndex> Ancestry::parent(const Process& process) const {
  const auto found = process.parent ? find(*process.parent) : std::nullopt;
  return found && view_.process(*found).start <= process.start ? found : std::nullopt;
}

std::vector<ProcessIndex> Ancestry::ancestors(const Process& process) const {
  std::vector<ProcessIndex> chain;
  auto next = parent(process);
  while (next && std::find(chain.begin(), chain.end(), *next) == chain.end()) {
    chain.push_back(*next);
    next = parent(view_.process(*next));
  }
  return chain;
}

}  // namespace sockwitness::schema
