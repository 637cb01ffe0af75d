// What joins processes on one host besides connections: pipes, named pipes, terminals, socket
// pairs.
//
// In:    descriptors, holders and unix sockets of one snapshot.
// Out:   one row for each descriptor at an end of a channel; ends of one channel share its number.
// Never: the direction of the bytes: which holder reads and which writes a pipe is not recorded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "schema/model/ids.h"

namespace sockwitness::schema {
struct Snapshot;
}

namespace sockwitness::query {

enum class ChannelKind : std::uint8_t { Pipe, Fifo, Terminal, Unix };

// Whose bytes come out at the other side. Pipe and Fifo have one end that all share.
enum class ChannelSide : std::uint8_t {
  Shared,
  Master,  // a terminal's, or the unix socket that was recorded first
  Slave
};

struct ChannelEnd {
  std::uint32_t channel = 0;
  ChannelKind kind = ChannelKind::Pipe;
  ChannelSide side = ChannelSide::Shared;
  schema::ProcessIndex process;
  schema::Fd fd;
};

// `peers` is parallel to the sockets: see find_peers.
[[nodiscard]] std::vector<ChannelEnd> find_channels(
    const schema::Snapshot& snapshot, std::span<const std::optional<schema::SocketIndex>> peers);

[[nodiscard]] std::string_view channel_kind_word(ChannelKind kind);
// "master", "slave"; empty for Shared.
[[nodiscard]] std::string_view channel_side_word(ChannelSide side);

}  // namespace sockwitness::query
