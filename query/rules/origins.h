// What keeps a process running, where more than its control group shows it.
//
// In:    a snapshot.
// Out:   container, and origin: a unit of the system, a session, a container, the kernel.
// Never: believes a control group alone: root can make one with any name.
#pragma once

#include <set>
#include <string_view>

#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

class Origins {
 public:
  // The view must outlive the origins.
  explicit Origins(const schema::SnapshotView& view);

  // A service manager runs as process 1 and keeps units, so that a process without one is
  // remarkable.
  [[nodiscard]] bool has_units() const { return !units_.empty(); }
  // Empty for what has the mounts of the host: a container has its own. "unread" where it may have
  // one that could not be read.
  [[nodiscard]] std::string_view container(const schema::Process& process) const;
  // "unit", "session", "container", "kernel", or empty; "unread" where it may be any of them.
  [[nodiscard]] std::string_view word(const schema::Process& process) const;

 private:
  // Services that process 1 started, not a login.
  std::set<std::string_view> units_;
  schema::Inode host_mounts_;
  // Some process or its unit was hidden: any unit may be one that process 1 started.
  bool incomplete_ = false;
  std::string_view host_container_;  // that process 1 is in: the host is one
};

}  // namespace sockwitness::query
