#include "recorder/collect/holders.h"

#include <algorithm>
#include <tuple>

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

SocketsByInode::SocketsByInode(const std::vector<schema::Socket>& sockets)
    : made_of_(sockets.size()) {
  entries_.reserve(sockets.size());
  for (std::uint32_t at = 0; at < sockets.size(); ++at) {
    if (sockets[at].inode != schema::Inode()) {
      entries_.push_back({sockets[at].inode, schema::SocketIndex(at)});
    }
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& left, const Entry& right) {
    return std::tie(left.inode, left.socket) < std::tie(right.inode, right.socket);
  });
}

std::span<const SocketsByInode::Entry> SocketsByInode::find(schema::Inode inode) {
  constexpr std::size_t kSteps = 8;  // rather than to begin in the middle of all
  const auto begins_before = [](const Entry& entry, schema::Inode wanted) {
    return entry.inode < wanted;
  };
  auto from = entries_.cbegin();
  auto until = entries_.cend();
  if (near_ < entries_.size() && entries_[near_].inode <= inode) {
    from += static_cast<std::ptrdiff_t>(near_);
    const std::size_t far = near_ + kSteps;
    if (far < entries_.size() && entries_[far].inode >= inode) {
      until = entries_.cbegin() + static_cast<std::ptrdiff_t>(far);
    }
  }
  const auto first = std::lower_bound(from, until, inode, begins_before);
  auto last = first;
  while (last != entries_.cend() && last->inode == inode) {
    ++last;
  }
  near_ = static_cast<std::size_t>(first - entries_.cbegin());
  return {first, last};
}

std::vector<schema::Holder> join_holders(SocketsByInode& sockets,
                                         const std::vector<SocketDescriptor>& descriptors) {
  std::vector<schema::Holder> holders;
  holders.reserve(descriptors.size());
  for (const SocketDescriptor& descriptor : descriptors) {
    for (const SocketsByInode::Entry& found : sockets.find(descriptor.inode)) {
      holders.push_back({found.socket, descriptor.process, descriptor.fd});
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
