// The real SocketSource: asks the kernel for the sockets of a network namespace.
//
// In:    a namespace, by descriptor or by a process that lives in it.
// Out:   its sockets; what could not be had is a gap.
// Never: leaves the calling thread in another namespace, or counts its own sockets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "recorder/netlink/nat_reader.h"
#include "recorder/netlink/table_pass.h"
#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// For one thread at a time.
class NetlinkSource : public SocketSource {
 public:
  explicit NetlinkSource(std::string proc_root = "/proc") : proc_root_(std::move(proc_root)) {}

  SocketReading read_sockets(const NetnsHandle& netns) override;

 private:
  // In the namespace of the thread that calls it.
  SocketReading read_here();
  SocketReading read_by_member(const NetnsHandle& netns, int entering_error);
  [[nodiscard]] bool is_own(schema::Inode netns) const;

  std::string proc_root_;
  std::vector<std::byte> buffer_;
  MissingHandlers missing_;
  std::optional<NatReader> nat_;
  bool leads_elsewhere_ = false;  // some namespace has a port that does
};

}  // namespace sockwitness::recorder
