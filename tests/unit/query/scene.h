// Snapshots put together by hand, a line for each thing in them.
//
// In:    what a test wants to exist.
// Out:   a snapshot with fixed clocks, host and boot id.
// Never: reads this machine.
#pragma once

#include <string>
#include <string_view>

#include "schema/model/snapshot.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::test {

// 2026-11-23T03:30:00Z
constexpr schema::WallTime kSceneTime{1795404600'000000};
constexpr std::int64_t kMinuteUs = 60'000'000;

class Scene {
 public:
  explicit Scene(std::int64_t seq = 42, schema::WallTime at = kSceneTime);

  schema::ProcessIndex process(std::string_view name, int pid, std::string_view path = "");
  // `end` and `peer` as "ADDRESS PORT"; an empty peer is a listener or an unconnected datagram
  // socket.
  schema::SocketIndex socket(schema::Protocol protocol,
                             std::string_view end,
                             std::string_view peer = "");
  schema::SocketIndex unix_socket(schema::SocketState state, std::string name);
  void hold(schema::SocketIndex socket, schema::ProcessIndex process, int fd);
  schema::NetnsIndex netns(std::string label);

  schema::Socket& at(schema::SocketIndex index) { return snapshot.sockets[index.value()]; }
  schema::Process& at(schema::ProcessIndex index) { return snapshot.processes[index.value()]; }

  schema::Snapshot snapshot;
};

// One row of the list of snapshots: `minute` after kSceneTime on boot `boot`, nothing special.
[[nodiscard]] schema::SnapshotInfo info_at(std::int64_t seq,
                                           std::int64_t minute,
                                           std::string_view boot = "a");

}  // namespace sockwitness::test
