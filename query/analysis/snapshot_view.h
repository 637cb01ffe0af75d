// One snapshot with its references resolved: who holds a socket, what a number was called there.
//
// In:    a snapshot that outlives the view.
// Out:   all holders of a socket in a fixed order, and names as resolved on that host at that time.
// Never: resolves a name on the reading machine, or picks one holder for the others.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "schema/model/snapshot.h"

namespace sockwitness::query {

class SnapshotView {
 public:
  explicit SnapshotView(const schema::Snapshot& snapshot);

  [[nodiscard]] const schema::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const schema::Socket& socket(schema::SocketIndex index) const;
  [[nodiscard]] const schema::Process& process(schema::ProcessIndex index) const;
  // Ordered by start of the process, pid, descriptor: the oldest holder comes first.
  [[nodiscard]] std::span<const schema::Holder> holders(schema::SocketIndex index) const;
  [[nodiscard]] const schema::Program* program(const schema::Process& process) const;
  [[nodiscard]] const schema::Program* script_file(const schema::Process& process) const;
  // Nothing when the host had no name for the number.
  [[nodiscard]] std::optional<std::string_view> user_name(schema::Uid uid) const;
  [[nodiscard]] std::string_view netns_label(schema::NetnsIndex index) const;
  [[nodiscard]] schema::WallTime started_at(const schema::Process& process) const;
  // "RPC 100024" and the like: rpcbind's programs registered for this local port.
  [[nodiscard]] std::vector<std::uint32_t> rpc_programs(const schema::Socket& socket) const;

 private:
  const schema::Snapshot& snapshot_;
  std::vector<schema::Holder> holders_;         // grouped by socket
  std::vector<std::size_t> first_holder_;       // one more than there are sockets
  std::vector<const schema::UserName*> users_;  // ordered by uid
};

}  // namespace sockwitness::query
