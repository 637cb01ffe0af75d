// What the previous snapshot knew of this boot, ready to be asked while the next one is collected.
//
// In:    the previous snapshot, which outlives it.
// Out:   what a reader needs to see that a process did not change; the facts that it then leaves
//        out; which sockets had turned out to be the kernel's.
// Never: knows a process whose costly facts left a gap: they are tried again, or their gap would be
//        lost with them.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// The costly facts of one process; they point into the previous snapshot.
struct CostlyFacts {
  const schema::Process* process = nullptr;      // script and preload
  const schema::Program* script_file = nullptr;  // null: none
  std::vector<const schema::Program*> mappings;
};

class Recollection {
 public:
  Recollection() = default;  // of nothing
  explicit Recollection(const schema::Snapshot& previous);

  // Null: not known. Shared, because a thread that is stuck may keep it longer.
  [[nodiscard]] std::shared_ptr<const KnownProcess> find_process(schema::Pid pid) const;
  // Precondition: find_process() found it.
  [[nodiscard]] CostlyFacts costly_facts(schema::Pid pid) const;
  [[nodiscard]] bool is_kernel_socket(schema::SocketCookie cookie) const {
    return kernel_sockets_.contains(cookie);
  }

 private:
  struct Entry {
    std::size_t position = 0;  // in the previous snapshot
    std::shared_ptr<const KnownProcess> known;
  };

  const schema::Snapshot* previous_ = nullptr;
  std::unordered_map<schema::Pid, Entry> processes_;
  std::unordered_map<std::size_t, std::vector<const schema::Program*>> mappings_;  // by position
  std::unordered_set<schema::SocketCookie> kernel_sockets_;
};

}  // namespace sockwitness::recorder
