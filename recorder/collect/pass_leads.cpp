// Where a Pass is led by what the processes hold: to namespaces and to sockets that no list names.
#include <cerrno>

#include "recorder/collect/holders.h"
#include "recorder/collect/pass.h"

namespace sockwitness::recorder {
namespace {

using schema::GapReason;
using schema::GapSource;

// Beyond this many sockets that no table lists, the rest is counted in a gap.
constexpr std::size_t kMostUnknownSockets = 10'000;

bool needs_permission(int error_number) {
  return error_number == EPERM || error_number == EACCES;
}

bool has_gone(int error_number) {
  return error_number == ESRCH || error_number == ENOENT || error_number == EBADF;
}

GapReason lead_gap_reason(int error_number) {
  return needs_permission(error_number) ? GapReason::Permission : GapReason::Failed;
}

}  // namespace

void Pass::follow_namespace(const NetnsLead& lead) {
  if (find_namespace(lead.inode)) {
    return;
  }
  auto handle = lead.fd ? sources_.namespaces.open_descriptor(lead.pid, *lead.fd)
                        : sources_.namespaces.open_thread(lead.pid);
  if (handle) {
    read_namespace_sockets(add_namespace(std::move(handle.value())));
  } else if (!has_gone(handle.error().number)) {
    add_gaps({{GapSource::Namespace,
               lead_gap_reason(handle.error().number),
               std::nullopt,
               lead.pid,
               lead.fd ? schema::GapPart::ByDescriptor : schema::GapPart::ByThread,
               handle.error().number}},
             std::nullopt);
  }
}

void Pass::follow_descriptors() {
  for (const NetnsLead& lead : netns_leads_) {
    follow_namespace(lead);
  }

  std::map<int, std::uint32_t> unread;  // errno to the number of sockets
  std::size_t asked = 0;
  SocketsByInode& listed = index_sockets();
  std::unordered_set<schema::Inode> found;  // of those that are not
  for (const SocketDescriptor& descriptor : socket_descriptors_) {
    if (!listed.find(descriptor.inode).empty() || found.contains(descriptor.inode)) {
      continue;
    }
    if (++asked > kMostUnknownSockets) {
      add_gaps({{GapSource::Descriptors,
                 GapReason::TooMany,
                 std::nullopt,
                 std::nullopt,
                 schema::GapPart::UnlistedSocket}},
               std::nullopt);
      continue;
    }
    const std::size_t before = snapshot_.sockets.size();
    describe_unknown_socket(descriptor, unread);
    for (std::size_t at = before; at < snapshot_.sockets.size(); ++at) {
      found.insert(snapshot_.sockets[at].inode);
    }
  }
  for (const auto& [error_number, count] : unread) {
    add_gaps({{GapSource::Descriptors,
               lead_gap_reason(error_number),
               std::nullopt,
               std::nullopt,
               schema::GapPart::UnlistedSocket,
               error_number,
               count}},
             std::nullopt);
  }
}

// A socket that is in no table read so far: it has no address, or lives in a namespace that only it
// keeps alive, or is younger than the dump.
void Pass::describe_unknown_socket(const SocketDescriptor& descriptor,
                                   std::map<int, std::uint32_t>& unread) {
  const schema::Pid pid = snapshot_.processes[descriptor.process.value()].pid;
  auto described = sources_.namespaces.describe_socket(pid, descriptor.fd);
  if (!described) {
    if (const int number = described.error().number; !has_gone(number)) {
      ++unread[needs_permission(number) ? EPERM : number];
    }
    return;
  }
  DescribedSocket& found = described.value();
  if (found.socket.inode != descriptor.inode) {
    return;  // the descriptor leads elsewhere by now
  }
  auto netns = find_namespace(found.netns.inode);
  const bool is_new_namespace = !netns;
  if (is_new_namespace) {
    netns = add_namespace(std::move(found.netns));
    read_namespace_sockets(*netns);
  }
  if (!found.listed) {
    found.socket.netns = *netns;
    snapshot_.sockets.push_back(std::move(found.socket));
  }
}

}  // namespace sockwitness::recorder
