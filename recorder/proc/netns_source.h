// The network namespaces of the host: where processes live, what /run/netns names, what mounts
// keep.
//
// In:    the roots; they outlive the source.
// Out:   one handle per namespace, open where that was permitted.
// Never: enters a namespace.
#pragma once

#include "recorder/observe/source.h"
#include "recorder/proc/roots.h"

namespace sockwitness::recorder {

class ProcNetnsSource : public NetnsSource {
 public:
  explicit ProcNetnsSource(const HostRoots& roots) : roots_(roots) {}

  std::optional<NetnsHandle> find_own() override;
  NetnsReading list_namespaces() override;
  Result<NetnsHandle> open_descriptor(schema::Pid pid, schema::Fd fd) override;
  Result<NetnsHandle> open_thread(schema::Pid thread) override;
  Result<DescribedSocket> describe_socket(schema::Pid pid, schema::Fd fd) override;

 private:
  const HostRoots& roots_;
};

}  // namespace sockwitness::recorder
