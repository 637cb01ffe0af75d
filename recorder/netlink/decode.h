// Turns the kernel's answers to dump requests into sockets.
//
// In:    datagrams as received, and which table was asked for.
// Out:   sockets appended to a list, and whether the dump ended, failed or was interrupted.
// Never: calls the system, trusts a length, or drops a message that it cannot read without
//        counting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "recorder/netlink/message.h"
#include "recorder/netlink/request.h"
#include "schema/model/socket.h"

namespace sockwitness::recorder {

// The classic BPF program of a packet socket, as the kernel gives it: eight bytes an instruction.
struct PacketFilter {
  std::size_t socket = 0;  // position in DumpContent::sockets
  std::string instructions;
};

struct DumpContent {
  std::vector<schema::Socket> sockets;
  // Asked when they need more room: about how many there will be. Empty, or 0: nobody knows.
  std::function<std::size_t()> expect = {};
  std::vector<PacketFilter> filters;
  std::uint32_t malformed = 0;  // messages that could not be read
};

struct DumpStep {
  bool done = false;         // no more will come: NLMSG_DONE or NLMSG_ERROR
  bool interrupted = false;  // the table changed under the dump (NLM_F_DUMP_INTR)
  int error_number = 0;      // set only with `done`
};

// Messages with another sequence number are leftovers of an earlier dump and are passed over.
// A dump of a table whose diag module is missing ends in NLMSG_DONE with ENOENT inside, as if it
// had been empty: "error_number" holds it.
[[nodiscard]] DumpStep decode_datagram(Bytes datagram,
                                       DiagTable table,
                                       std::uint32_t sequence,
                                       DumpContent& content);

// One message of each kind. `socket` is fresh; false: the payload is not what it must be.
[[nodiscard]] bool decode_inet(Bytes payload, DiagTable table, schema::Socket& socket);
[[nodiscard]] bool decode_unix(Bytes payload, schema::Socket& socket);
[[nodiscard]] bool decode_packet(Bytes payload, schema::Socket& socket, std::string& filter);
[[nodiscard]] bool decode_netlink(Bytes payload, schema::Socket& socket);
[[nodiscard]] bool decode_vsock(Bytes payload, schema::Socket& socket);

// The kernel's number of a socket state; shared by netlink and /proc/net.
[[nodiscard]] std::optional<schema::SocketState> decode_state(schema::Protocol protocol,
                                                              std::uint32_t number);
[[nodiscard]] std::optional<schema::SocketType> decode_type(std::uint32_t number);
[[nodiscard]] schema::SocketType type_of(schema::Protocol protocol);

// The queue figures mean something else while a socket listens.
void set_queues(schema::Socket& socket, std::uint32_t received, std::uint32_t sent);
// Mini sockets (TIME_WAIT, a handshake under way) and, on many kernels, sockets that no process has
// open show owner 0 for want of one; root is believed only of sockets with an inode.
void set_owner(schema::Socket& socket, std::uint32_t uid);

}  // namespace sockwitness::recorder
