// The real host behind the doors of observe: netlink, procfs, rpcbind, the clocks.
//
// In:    what earlier snapshots knew of programs.
// Out:   the sources of one pass; shared, because a thread that is stuck may keep them longer.
// Never: reused for another pass: it remembers package facts that may have changed.
#pragma once

#include <memory>

#include "recorder/collect/collector.h"
#include "recorder/netlink/netlink_source.h"
#include "recorder/proc/host_source.h"
#include "recorder/proc/netns_source.h"
#include "recorder/proc/proc_source.h"
#include "recorder/proc/roots.h"
#include "recorder/programs/file_inspector.h"

namespace sockwitness::recorder {

class SystemClock : public Clock {
 public:
  schema::ClockReading now() override;
};

class LiveHost : public std::enable_shared_from_this<LiveHost> {
 public:
  // Throws schema::Error when there is no process file system.
  [[nodiscard]] static std::shared_ptr<LiveHost> open(const KnownPrograms& known);

  [[nodiscard]] Sources sources();
  [[nodiscard]] Clock& clock() { return clock_; }

 private:
  LiveHost(HostRoots roots, const KnownPrograms& known);

  HostRoots roots_;
  FileInspector inspector_;
  ProcSource processes_;
  ProcNetnsSource namespaces_;
  NetlinkSource sockets_;
  ProcHostSource host_;
  SystemClock clock_;
};

}  // namespace sockwitness::recorder
