#include "recorder/collect/holders.h"

#include <algorithm>

namespace sockwitness::recorder {
namespace {

using schema::NoHolderReason;
using schema::SocketState;

NoHolderReason reason_without_inode(const schema::Socket& socket) {
  switch (socket.state) {
    case SocketState::TimeWait:
      return NoHolderReason::TimeWait;
    case SocketState::FinWait1:
    case SocketState::FinWait2:
    case SocketState::Closing:
    case SocketState::LastAck:
    case SocketState::Close:
      return NoHolderReason::Orphaned;
    case SocketState::Established:
    case SocketState::SynRecv:
    case SocketState::CloseWait:
      return NoHolderReason::NotAccepted;
    default:
      return NoHolderReason::Kernel;
  }
}

NoHolderReason reason_of(const schema::Socket& socket, const HolderEvidence& evidence) {
  if (socket.no_holder == NoHolderReason::Kernel) {
    return NoHolderReason::Kernel;
  }
  if (socket.inode == schema::Inode()) {
    return reason_without_inode(socket);
  }
  if (evidence.refused || evidence.unread) {
    return evidence.refused ? NoHolderReason::Permission : NoHolderReason::Unread;
  }
  return evidence.sees_all_pid_namespaces ? NoHolderReason::Kernel
                                          : NoHolderReason::OtherPidNamespace;
}

}  // namespace

SocketsByInode index_by_inode(const std::vector<schema::Socket>& sockets) {
  SocketsByInode index;
  index.reserve(sockets.size());
  for (std::uint32_t at = 0; at < sockets.size(); ++at) {
    if (sockets[at].inode != schema::Inode()) {
      index.emplace(sockets[at].inode, schema::SocketIndex(at));
    }
  }
  return index;
}

std::vector<schema::Holder> join_holders(const SocketsByInode& sockets,
                                         const std::vector<SocketDescriptor>& descriptors) {
  std::vector<schema::Holder> holders;
  holders.reserve(descriptors.size());
  for (const SocketDescriptor& descriptor : descriptors) {
    const auto [first, last] = sockets.equal_range(descriptor.inode);
    for (auto found = first; found != last; ++found) {
      holders.push_back({found->second, descriptor.process, descriptor.fd});
    }
  }
  return holders;
}

void explain_missing_holders(std::vector<schema::Socket>& sockets,
                             const std::vector<schema::Holder>& holders,
                             const HolderEvidence& evidence) {
  std::vector<bool> held(sockets.size(), false);
  for (const schema::Holder& holder : holders) {
    held[holder.socket.value()] = true;
  }
  for (std::size_t at = 0; at < sockets.size(); ++at) {
    sockets[at].no_holder = held[at] ? NoHolderReason::None : reason_of(sockets[at], evidence);
  }
}

}  // namespace sockwitness::recorder
