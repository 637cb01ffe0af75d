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
#include "recorder/proc/roots.h"

namespace sockwitness::recorder {

class ProcNetnsSource : public NetnsSource {
 public:
  explicit ProcNetnsSource(const HostRoots& roots,
                           std::shared_ptr<Hangs> hangs = std::make_shared<Hangs>())
      : roots_(roots), hangs_(std::move(hangs)) {}

  std::optional<NetnsHandle> find_own() override;
  NetnsReading list_namespaces() override;
  Result<NetnsHandle> open_descriptor(schema::Pid pid, schema::Fd fd) override;
  Result<NetnsHandle> open_thread(schema::Pid thread) override;
  Result<DescribedSocket> describe_socket(schema::Pid pid, schema::Fd fd) override;

 private:
  const HostRoots& roots_;
  std::shared_ptr<Hangs> hangs_;
};

}  // namespace sockwitness::recorder
