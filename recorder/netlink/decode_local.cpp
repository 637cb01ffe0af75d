#include <linux/if_packet.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>
#include <sys/socket.h>

#include <array>

#include "recorder/netlink/decode.h"
#include "schema/model/vsock_name.h"

namespace sockwitness::recorder {
namespace {

using schema::Family;
using schema::Protocol;
using schema::SocketState;

// Not in every version of the headers. Source: include/uapi/linux/unix_diag.h since 5.3.
constexpr std::uint16_t kUnixUid = 7;

template <class Head>
schema::SocketCookie decode_cookie(const Head& cookie) {
  return schema::SocketCookie(std::uint64_t{cookie[1]} << 32U | cookie[0]);
}

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A path comes with the NUL that ends it; an abstract name begins with NUL and every byte counts.
std::string decode_unix_name(Bytes payload) {
  auto name = text_of(payload);
  if (!name.empty() && name.front() != '\0' && name.back() == '\0') {
    name.remove_suffix(1);
  }
  return std::string(name);
}

// Unix sockets use three of TCP's numbers, and stream sockets that are neither listening nor
// connected keep the one for "closed".
std::optional<SocketState> decode_unix_state(std::uint8_t number) {
  switch (static_cast<SocketState>(number)) {
    case SocketState::Established:
      return SocketState::Established;
    case SocketState::Listen:
      return SocketState::Listen;
    case SocketState::Close:
      return SocketState::Unconnected;
    default:
      return std::nullopt;
  }
}

// What ss shows as Recv-Q and Send-Q of sockets that report their memory only.
void set_memory_queues(schema::Socket& socket, Bytes payload) {
  const auto memory = decode_struct<std::array<std::uint32_t, SK_MEMINFO_WMEM_ALLOC + 1>>(payload);
  if (memory) {
    set_queues(socket, (*memory)[SK_MEMINFO_RMEM_ALLOC], (*memory)[SK_MEMINFO_WMEM_ALLOC]);
  }
}

// What the socket asked of interfaces; an empty list says that it asked nothing.
bool decode_promiscuous(Bytes list) {
  while (const auto membership = decode_struct<packet_diag_mclist>(list)) {
    if (membership->pdmc_type == PACKET_MR_PROMISC && membership->pdmc_count > 0) {
      return true;
    }
    list = after_struct(list, sizeof(packet_diag_mclist));
  }
  return false;
}

}  // namespace

bool decode_unix(Bytes payload, schema::Socket& socket) {
  const auto head = decode_struct<unix_diag_msg>(payload);
  if (!head || head->udiag_family != AF_UNIX) {
    return false;
  }
  const auto state = decode_unix_state(head->udiag_state);
  const auto type = decode_type(head->udiag_type);
  if (!state || !type) {
    return false;
  }
  socket.protocol = Protocol::Unix;
  socket.family = Family::Unix;
  socket.state = *state;
  socket.type = *type;
  socket.inode = schema::Inode(head->udiag_ino);
  socket.cookie = decode_cookie(head->udiag_cookie);
  AttributeReader reader(after_struct(payload, sizeof(unix_diag_msg)));
  while (const auto attribute = reader.next()) {
    if (attribute->type == UNIX_DIAG_NAME) {
      socket.name = decode_unix_name(attribute->payload);
    } else if (attribute->type == UNIX_DIAG_PEER) {
      if (const auto peer = decode_struct<std::uint32_t>(attribute->payload)) {
        socket.peer = schema::Inode(*peer);
      }
    } else if (attribute->type == UNIX_DIAG_RQLEN) {
      if (const auto queues = decode_struct<unix_diag_rqlen>(attribute->payload)) {
        set_queues(socket, queues->udiag_rqueue, queues->udiag_wqueue);
      }
    } else if (attribute->type == kUnixUid) {
      if (const auto uid = decode_struct<std::uint32_t>(attribute->payload)) {
        socket.uid = schema::Uid(*uid);
      }
    }
  }
  return !reader.malformed();
}

bool decode_packet(Bytes payload, schema::Socket& socket, std::string& filter) {
  constexpr std::size_t kInstruction = 8;  // struct sock_filter
  const auto head = decode_struct<packet_diag_msg>(payload);
  if (!head || head->pdiag_family != AF_PACKET) {
    return false;
  }
  const auto type = decode_type(head->pdiag_type);
  if (!type) {
    return false;
  }
  socket.protocol = Protocol::Packet;
  socket.family = Family::Packet;
  socket.state = SocketState::Unconnected;
  socket.type = *type;
  socket.number = head->pdiag_num;
  socket.inode = schema::Inode(head->pdiag_ino);
  socket.cookie = decode_cookie(head->pdiag_cookie);
  AttributeReader reader(after_struct(payload, sizeof(packet_diag_msg)));
  while (const auto attribute = reader.next()) {
    if (attribute->type == PACKET_DIAG_INFO) {
      if (const auto info = decode_struct<packet_diag_info>(attribute->payload)) {
        socket.interface = schema::InterfaceIndex(info->pdi_index);
      }
    } else if (attribute->type == PACKET_DIAG_UID) {
      if (const auto uid = decode_struct<std::uint32_t>(attribute->payload)) {
        socket.uid = schema::Uid(*uid);
      }
    } else if (attribute->type == PACKET_DIAG_MEMINFO) {
      set_memory_queues(socket, attribute->payload);
    } else if (attribute->type == PACKET_DIAG_MCLIST) {
      socket.promiscuous = decode_promiscuous(attribute->payload);
    } else if (attribute->type == PACKET_DIAG_FILTER) {
      // Empty stands for "you may not know" as well as for "none".
      const auto size = attribute->payload.size();
      if (size % kInstruction != 0) {
        return false;
      }
      if (size > 0) {
        filter = text_of(attribute->payload);
        socket.filter_length = static_cast<std::uint32_t>(size / kInstruction);
      }
    }
  }
  return !reader.malformed();
}

bool decode_netlink(Bytes payload, schema::Socket& socket) {
  const auto head = decode_struct<netlink_diag_msg>(payload);
  if (!head || head->ndiag_family != AF_NETLINK) {
    return false;
  }
  const auto type = decode_type(head->ndiag_type);
  if (!type) {
    return false;
  }
  socket.protocol = Protocol::Netlink;
  socket.family = Family::Netlink;
  socket.state = head->ndiag_dst_portid != 0 ? SocketState::Established : SocketState::Unconnected;
  socket.type = *type;
  socket.number = head->ndiag_protocol;
  socket.port_id = head->ndiag_portid;
  socket.inode = schema::Inode(head->ndiag_ino);
  socket.cookie = decode_cookie(head->ndiag_cookie);
  if (socket.port_id == 0) {
    socket.no_holder = schema::NoHolderReason::Kernel;
  }
  AttributeReader reader(after_struct(payload, sizeof(netlink_diag_msg)));
  while (const auto attribute = reader.next()) {
    if (attribute->type == NETLINK_DIAG_MEMINFO) {
      set_memory_queues(socket, attribute->payload);
    }
  }
  return !reader.malformed();
}

bool decode_vsock(Bytes payload, schema::Socket& socket) {
  const auto head = decode_struct<vsock_diag_msg>(payload);
  if (!head || head->vdiag_family != AF_VSOCK) {
    return false;
  }
  const auto type = decode_type(head->vdiag_type);
  const auto state = decode_state(Protocol::Vsock, head->vdiag_state);
  if (!type || !state) {
    return false;
  }
  socket.protocol = Protocol::Vsock;
  socket.family = Family::Vsock;
  socket.type = *type;
  socket.state = *type == schema::SocketType::Dgram && *state == SocketState::Close
                     ? SocketState::Unconnected
                     : *state;
  socket.name = schema::vsock_name(head->vdiag_src_cid, head->vdiag_src_port);
  if (*state != SocketState::Listen && *state != SocketState::Close) {
    socket.remote_name = schema::vsock_name(head->vdiag_dst_cid, head->vdiag_dst_port);
  }
  socket.inode = schema::Inode(head->vdiag_ino);
  socket.cookie = decode_cookie(head->vdiag_cookie);
  return true;
}

}  // namespace sockwitness::recorder
