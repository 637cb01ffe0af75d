// One snapshot with its references resolved: holders of a socket, names of numbers.
//
// In:    a snapshot that outlives the view.
// Out:   all holders of a socket in a fixed order, and names as resolved on that host at that time.
// Never: resolves a name on the reading machine, or picks one holder for the others.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "schema/base/time.h"
#include "schema/model/ids.h"
#include "schema/model/process.h"

namespace sockwitness::schema {

struct Program;
struct Snapshot;
struct Socket;
struct UserName;

class SnapshotView {
 public:
  explicit SnapshotView(const Snapshot& snapshot);

  [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const Socket& socket(SocketIndex index) const;
  [[nodiscard]] const Process& process(ProcessIndex index) const;
  // Ordered by start of the process, pid, descriptor: the oldest holder comes first.
  [[nodiscard]] std::span<const Holder> holders(SocketIndex index) const;
  [[nodiscard]] const Program* program(const Process& process) const;
  [[nodiscard]] const Program* script_file(const Process& process) const;
  // Nothing when the host had no name for the number.
  [[nodiscard]] std::optional<std::string_view> user_name(Uid uid) const;
  // By any of its names.
  [[nodiscard]] bool is_named(Uid uid, std::string_view name) const;
  [[nodiscard]] std::string_view netns_label(NetnsIndex index) const;
  [[nodiscard]] WallTime started_at(const Process& process) const;
  // Numbers of the RPC programs that rpcbind has registered for this local port, ascending.
  [[nodiscard]] std::vector<std::uint32_t> rpc_programs(const Socket& socket) const;

 private:
  [[nodiscard]] std::span<const UserName* const> user_names(Uid uid) const;

  const Snapshot& snapshot_;
  std::vector<Holder> holders_;            // grouped by socket
  std::vector<std::size_t> first_holder_;  // one more than there are sockets
  std::vector<const UserName*> users_;     // ordered by uid, the one that is shown first
};

}  // namespace sockwitness::schema
