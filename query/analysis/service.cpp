#include "query/analysis/service.h"

#include <algorithm>
#include <map>
#include <set>

#include "schema/view/address_pattern.h"
#include "schema/view/direction.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Family;
using schema::Holder;
using schema::Protocol;
using schema::Socket;
using schema::SocketIndex;
using schema::SocketState;

bool is_datagram(Protocol protocol) {
  return protocol == Protocol::Udp || protocol == Protocol::UdpLite;
}

// LISTEN anywhere, and unconnected datagram sockets of the internet families. A unix socket that
// was not given a name cannot be reached, a UDP socket without a port neither.
bool offers_service(const Socket& socket) {
  if (socket.state == SocketState::Listen) {
    return socket.family != Family::Unix || !socket.name.empty();
  }
  return socket.state == SocketState::Unconnected && schema::is_inet(socket) &&
         is_datagram(socket.protocol) && socket.local_port != schema::Port(0);
}

Endpoint endpoint_of(const schema::SnapshotView& view, const Socket& socket) {
  return {std::string(view.netns_label(socket.netns)),
          socket.protocol,
          socket.family,
          socket.local_address,
          socket.local_port,
          socket.name};
}

Owner owner_of(const schema::SnapshotView& view, schema::ProcessIndex index) {
  const schema::Process& process = view.process(index);
  const schema::Program* program = view.program(process);
  return {index,
          process.parent.value_or(schema::Pid(0)),
          process.name,
          program == nullptr ? std::string() : program->path,
          process.script,
          process.effective_uid,
          process.unit,
          process.container};
}

// Processes that hold a connection which they did not accept.
std::set<schema::ProcessIndex> find_clients(const schema::SnapshotView& view) {
  const schema::DirectionFinder directions(view);
  std::set<schema::ProcessIndex> clients;
  const auto& sockets = view.snapshot().sockets;
  for (std::uint32_t at = 0; at < sockets.size(); ++at) {
    const auto direction = directions.find(sockets[at]);
    if (!direction || direction->way == schema::Way::Inbound) {
      continue;
    }
    for (const Holder& holder : view.holders(SocketIndex(at))) {
      clients.insert(holder.process);
    }
  }
  return clients;
}

bool stays(std::span<const schema::Seen> lifetimes, SocketIndex index) {
  const std::size_t at = index.value();
  return at < lifetimes.size() && lifetimes[at].first < lifetimes[at].last;
}

void add_owners(const schema::SnapshotView& view, Service& service) {
  std::set<schema::ProcessIndex> known;
  for (const SocketIndex index : service.sockets) {
    for (const Holder& holder : view.holders(index)) {
      if (known.insert(holder.process).second) {
        service.owners.push_back(owner_of(view, holder.process));
      }
    }
  }
  std::sort(
      service.owners.begin(), service.owners.end(), [&](const Owner& left, const Owner& right) {
        const auto key = [&](const Owner& owner) {
          const schema::Process& process = view.process(owner.process);
          return std::tuple(process.start, process.pid);
        };
        return key(left) < key(right);
      });
}

}  // namespace

std::vector<Service> collect_services(const schema::SnapshotView& view,
                                      std::span<const schema::Seen> lifetimes) {
  const schema::Snapshot& snapshot = view.snapshot();
  const schema::PortRange ephemeral{snapshot.context.ephemeral_first,
                                    snapshot.context.ephemeral_last};
  const auto clients = find_clients(view);
  std::map<Endpoint, Service> services;
  for (std::uint32_t at = 0; at < snapshot.sockets.size(); ++at) {
    const SocketIndex index(at);
    const Socket& socket = snapshot.sockets[at];
    if (!offers_service(socket)) {
      continue;
    }
    const bool doubtful = is_datagram(socket.protocol) && ephemeral.contains(socket.local_port) &&
                          !stays(lifetimes, index) && view.rpc_programs(socket).empty();
    const auto holders = view.holders(index);
    const bool of_a_client =
        doubtful && std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
          return clients.contains(holder.process);
        });
    if (of_a_client) {
      continue;
    }
    Endpoint endpoint = endpoint_of(view, socket);
    Service& service = services.try_emplace(endpoint, Service{}).first->second;
    service.endpoint = std::move(endpoint);
    service.sockets.push_back(index);
    service.no_holder = socket.no_holder;
    service.passing = doubtful;
    service.dual_stack =
        service.dual_stack || (socket.family == Family::Ipv6 && !socket.v6only.value_or(true) &&
                               socket.local_address.ip_class() == schema::IpClass::Any);
  }
  std::vector<Service> listed;
  listed.reserve(services.size());
  for (auto& [endpoint, service] : services) {
    add_owners(view, service);
    if (!service.owners.empty()) {
      service.no_holder = schema::NoHolderReason::None;
    }
    listed.push_back(std::move(service));
  }
  return listed;
}

}  // namespace sockwitness::query
