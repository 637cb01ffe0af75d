// The network namespaces of the host: where processes live, what /run/netns names, what mounts
// keep.
//
// In:    the roots; they outlive the source.
// Out:   one handle per namespace, open where that was permitted.
// Never: enters a namespace, or waits for a path that does not answer: it is a gap.
#pragma once

#include <memory>
#include <utility>

#include "recorder/observe/hangs.h"
#include "recorder/observe/source.h"
#include "recorder/proc/mount_table.h"
#include "recorder/proc/roots.h"

namespace sockwitness::recorder {

class ProcNetnsSource : public NetnsSource {
 public:
  // `mounts`: those of the recorder itself.
  explicit ProcNetnsSource(
      const HostRoots& roots,
      std::shared_ptr<Hangs> hangs = std::make_shared<Hangs>(),
      std::shared_ptr<const MountTable> mounts = std::make_shared<const MountTable>())
      : roots_(roots), hangs_(std::move(hangs)), mounts_(std::move(mounts)) {}

  std::optional<NetnsHandle> find_own() override;
  NetnsReading list_namespaces() override;
  Result<NetnsHandle> open_descriptor(schema::Pid pid, schema::Fd fd) override;
  Result<NetnsHandle> open_thread(schema::Pid thread) override;
  Result<DescribedSocket> describe_socket(schema::Pid pid, schema::Fd fd) override;

 private:
  const HostRoots& roots_;
  std::shared_ptr<Hangs> hangs_;
  std::shared_ptr<const MountTable> mounts_;
};

}  // namespace sockwitness::recorder
