// The real host behind the doors of observe: netlink, procfs, rpcbind, the clocks.
//
// In:    what is known to hang; for the processes, what earlier snapshots knew of programs.
// Out:   the sources of one pass; shared, because a thread that is stuck may keep them longer.
// Never: reused for another pass: it remembers package facts that may have changed.
#pragma once

#include <memory>
#include <optional>

#include "recorder/collect/collector.h"
#include "recorder/collect/patient_host.h"
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
  // `helper`: whoever looks is a helper process of the recorder.
  [[nodiscard]] static std::shared_ptr<LiveHost> open(std::shared_ptr<Hangs> hangs, bool helper);

  [[nodiscard]] Sources sources();
  // Once. May be called while another thread uses the sources.
  [[nodiscard]] std::shared_ptr<ProcessSource> make_processes(const KnownPrograms& known,
                                                              std::shared_ptr<const Mask> mask);
  // After the pass: notes whoever hangs with a package database.
  void note_package_hangs();

 private:
  LiveHost(HostRoots roots, std::shared_ptr<Hangs> hangs, bool helper);

  std::shared_ptr<const HostRoots> roots_;
  std::shared_ptr<Hangs> hangs_;
  std::shared_ptr<const MountTable> mounts_;
  bool helper_;
  std::optional<FileInspector> inspector_;
  std::optional<ProcSource> processes_;
  ProcNetnsSource namespaces_;
  NetlinkSource sockets_;
  std::optional<PatientHost> host_;
  SystemClock clock_;
};

}  // namespace sockwitness::recorder
