#include "schema/view/services.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "schema/model/snapshot.h"
#include "schema/view/address_pattern.h"
#include "schema/view/ancestry.h"
#include "schema/view/direction.h"
#include "schema/view/docker_proxy.h"
#include "schema/view/forwards.h"
#include "schema/view/local_addresses.h"
#include "schema/view/relay.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::schema {
namespace {

constexpr Port kFirstUnprivileged{1024};

bool is_datagram(Protocol protocol) {
  return protocol == Protocol::Udp || protocol == Protocol::UdpLite;
}

bool is_open_datagram(const Socket& socket) {
  return socket.state == SocketState::Unconnected && is_inet(socket) &&
         is_datagram(socket.protocol) && socket.local_port != Port(0);
}

// A name that the kernel drew for a socket that was bound without one: NUL and five digits.
// Source: unix(7), "Autobind feature".
bool is_autobound(std::string_view name) {
  constexpr std::size_t kLength = 6;
  return name.size() == kLength && name.front() == '\0' &&
         std::all_of(name.begin() + 1, name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Takes packets of an IP protocol; of IPPROTO_RAW it only sends them (raw(7)).
bool is_open_raw(const Socket& socket) {
  constexpr Port kOnlySends{255};
  return socket.protocol == Protocol::Raw && is_inet(socket) &&
         socket.state == SocketState::Unconnected && socket.local_port != kOnlySends;
}

// Ports that lead elsewhere; LISTEN anywhere; datagram, raw and packet sockets that take what
// anybody sends. A unix socket that was not given a name cannot be reached, a UDP socket without a
// port neither.
bool offers_service(const Socket& socket) {
  if (socket.family == Family::Unix) {
    const bool open = socket.state == SocketState::Listen ||
                      (socket.type == SocketType::Dgram &&
                       socket.state == SocketState::Unconnected && socket.peer == Inode(0));
    return open && !socket.name.empty() && !is_autobound(socket.name);
  }
  return socket.state == SocketState::Listen || is_open_datagram(socket) || is_open_raw(socket) ||
         socket.protocol == Protocol::Packet || is_forward(socket);
}

// Programs that listen for others. Only where a package puts them: the name alone proves nothing.
bool holds_for_others(const Process& process, const Program* program) {
  constexpr std::array<std::string_view, 8> kManagers{"/usr/lib/systemd/systemd",
                                                      "/usr/bin/systemd-socket-activate",
                                                      "/usr/sbin/inetd",
                                                      "/usr/sbin/inetutils-inetd",
                                                      "/usr/sbin/openbsd-inetd",
                                                      "/usr/sbin/rlinetd",
                                                      "/usr/sbin/xinetd",
                                                      "/lib/systemd/systemd"};
  if (program == nullptr) {
    // Often the one process that cannot be read, and then its name is all there is.
    return process.pid == Pid(1) && process.name == "systemd";
  }
  return program->verdict != PackageVerdict::Differs &&
         std::find(kManagers.begin(), kManagers.end(), program->path) != kManagers.end();
}

std::string name_of(const SnapshotView& view, Uid uid) {
  if (uid == kNoUid) {
    return "?";
  }
  const auto name = view.user_name(uid);
  return name ? std::string(*name) : std::to_string(uid.value());
}

class Collector {
 public:
  Collector(const SnapshotView& view, std::span<const Persistence> stays)
      : view_(view),
        ancestry_(view),
        stays_(stays),
        ephemeral_{view.snapshot().context.ephemeral_first,
                   view.snapshot().context.ephemeral_last} {
    look_at_processes();
  }

  ServiceSet collect() {
    const auto& sockets = view_.snapshot().sockets;
    for (std::uint32_t at = 0; at < sockets.size(); ++at) {
      if (!offers_service(sockets[at]) || hides_kind(sockets[at])) {
        continue;
      }
      for (Endpoint& endpoint : endpoints_of(view_.snapshot(), sockets[at])) {
        add(SocketIndex(at), sockets[at], std::move(endpoint));
      }
    }
    ServiceSet set;
    static_cast<Visibility&>(set) = {view_.snapshot().namespaces, view_.snapshot().gaps};
    set.as_of = view_.snapshot().begin.wall;
    set.ephemeral_first = ephemeral_.first;
    set.ephemeral_last = ephemeral_.last;
    set.services.reserve(services_.size());
    for (auto& [endpoint, service] : services_) {
      service.made_by = maker_of(view_, service.sockets);
      service.leads_to = leads_of(view_, service.sockets);
      add_owners(service);
      set.services.push_back(std::move(service));
    }
    return set;
  }

 private:
  // Processes that hold a connection which they did not accept, and those that serve datagrams on a
  // port of their own choice.
  void look_at_processes() {
    const DirectionFinder directions(view_);
    const auto& sockets = view_.snapshot().sockets;
    for (std::uint32_t at = 0; at < sockets.size(); ++at) {
      const Socket& socket = sockets[at];
      const auto direction = directions.find(socket);
      const bool asks = direction && direction->way == Way::Outbound;
      const bool serves = is_open_datagram(socket) && !ephemeral_.contains(socket.local_port) &&
                          (socket.local_port < kFirstUnprivileged ||
                           stay_of(SocketIndex(at)) == Persistence::Lasting);
      if (!asks && !serves) {
        continue;
      }
      for (const Holder& holder : view_.holders(SocketIndex(at))) {
        (asks ? clients_ : servers_).insert(holder.process);
      }
    }
  }

  // What a packet socket takes is unknown where only a descriptor shows it: where the table
  // could not be read, none of its sockets is told from the others.
  [[nodiscard]] bool hides_kind(const Socket& socket) const {
    const auto& gaps = view_.snapshot().gaps;
    return socket.protocol == Protocol::Packet &&
           std::any_of(gaps.begin(), gaps.end(), [&](const Gap& gap) {
             return gap.source == GapSource::SocketTable && gap.object == Protocol::Packet &&
                    (!gap.netns || *gap.netns == socket.netns);
           });
  }

  [[nodiscard]] Persistence stay_of(SocketIndex index) const {
    return index.value() < stays_.size() ? stays_[index.value()] : Persistence::Unknown;
  }

  [[nodiscard]] bool held_by(const std::set<ProcessIndex>& processes, SocketIndex index) const {
    const auto holders = view_.holders(index);
    return std::any_of(holders.begin(), holders.end(), [&](const Holder& holder) {
      return processes.contains(holder.process);
    });
  }

  // A forwarder of names asks from random ports outside the kernel's range, too.
  [[nodiscard]] Standing standing_of(SocketIndex index, const Socket& socket) const {
    if (!is_datagram(socket.protocol) || is_forward(socket) ||
        stay_of(index) == Persistence::Lasting || !view_.rpc_programs(socket).empty()) {
      return Standing::Listener;
    }
    const bool chosen_by_kernel = ephemeral_.contains(socket.local_port);
    const bool side_port = socket.local_port >= kFirstUnprivileged && held_by(servers_, index);
    if (!chosen_by_kernel && !side_port) {
      return Standing::Listener;
    }
    if (stay_of(index) == Persistence::Unknown) {
      return Standing::Unknown;
    }
    return side_port || held_by(clients_, index) ? Standing::Client : Standing::Passing;
  }

  void add(SocketIndex index, const Socket& socket, Endpoint endpoint) {
    const Standing standing = standing_of(index, socket);
    const auto [entry, is_new] = services_.try_emplace(endpoint);
    Service& service = entry->second;
    if (is_new) {
      service.endpoint = std::move(endpoint);
      service.no_holder = socket.no_holder;
      service.standing = standing;
      service.rpc = view_.rpc_programs(socket);
    }
    // The most certain of its sockets speaks for all of them.
    service.standing = std::min(service.standing, standing);
    if (socket.v6only) {
      service.v6only = service.v6only.value_or(true) && *socket.v6only;
    }
    const bool named = socket.interface.value() == 0 || !socket.interface_name.empty();
    service.device_unknown = service.device_unknown || !named;
    service.sockets.push_back(index);
  }

  void add_owners(Service& service) {
    service.owners = owners_of(view_, service.sockets, [&](Owner& owner, const Process& process) {
      add_origin(owner, process);
      if (owner.forwards_to.empty()) {
        owner.forwards_to = leads_to(owner, service.endpoint.port);
      }
    });
    if (!service.owners.empty()) {
      service.no_holder = NoHolderReason::None;
    }
  }

  // Where it comes from: too expensive for every holder of every connection.
  void add_origin(Owner& owner, const Process& process) const {
    for (const ProcessIndex index : ancestry_.ancestors(process)) {
      const Process& ancestor = view_.process(index);
      owner.ancestors.push_back({ancestor.pid, ancestor.name, ancestor.script});
    }
    if (process.login_uid) {
      owner.login_user = name_of(view_, *process.login_uid);
    }
    if (owner.path().ends_with("/docker-proxy")) {
      owner.forwards_to = forwarding_of(process);
    }
  }

  // The container is known where one of its sockets has the address that is forwarded to.
  [[nodiscard]] std::string forwarding_of(const Process& process) const {
    const std::string_view line = process.command_line ? *process.command_line : std::string_view();
    const auto forwarding = parse_docker_proxy(ends_of(line, process.long_line).head);
    if (!forwarding) {
      return {};
    }
    const std::string end =
        forwarding->address.text() + ":" + std::to_string(forwarding->port.value());
    for (const Socket& socket : view_.snapshot().sockets) {
      const std::string_view label = view_.netns_label(socket.netns);
      if (label.starts_with("container ") && is_inet(socket) &&
          plain_address(socket.local_address) == forwarding->address) {
        return end + " in " + std::string(label);
      }
    }
    return end;
  }

  const SnapshotView& view_;
  Ancestry ancestry_;
  std::span<const Persistence> stays_;
  PortRange ephemeral_;
  std::set<ProcessIndex> clients_;
  std::set<ProcessIndex> servers_;
  std::map<Endpoint, Service> services_;
};

}  // namespace

namespace {

// "0x0800": what a packet socket takes is what tells it from another one at the same interface.
std::string ethertype_text(std::uint32_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 12; shift >= 0; shift -= 4) {
    text.push_back(kDigits[(number >> shift) & 0xFU]);
  }
  return text;
}

std::string name_of(const Socket& socket) {
  // That of an SCTP socket is the list of its addresses.
  return socket.protocol == Protocol::Packet ? ethertype_text(socket.number)
         : socket.protocol == Protocol::Sctp ? std::string()
                                             : socket.name;
}

std::string device_of(const Socket& socket) {
  if (!is_inet(socket) && socket.family != Family::Packet) {
    return {};
  }
  return socket.interface_name;
}

}  // namespace

SharedVisibility visibility_of(const Snapshot& snapshot) {
  return std::make_shared<const Visibility>(Visibility{snapshot.namespaces, snapshot.gaps});
}

Endpoint endpoint_of(const Snapshot& snapshot, const Socket& socket) {
  // An IPv6 socket at an IPv4-mapped address is reached over IPv4 alone.
  const IpAddress address = plain_address(socket.local_address);
  const bool mapped = socket.family == Family::Ipv6 && !address.is_v6();
  return {.netns = snapshot.namespaces.at(socket.netns.value()).label,
          .protocol = socket.protocol,
          .family = mapped ? Family::Ipv4 : socket.family,
          .address = address,
          .port = socket.local_port,
          .name = name_of(socket),
          .device = device_of(socket)};
}

Owner owner_of(const SnapshotView& view, const Process& process) {
  const auto copy = [](const Program* program) {
    return program == nullptr ? std::nullopt : std::optional(*program);
  };
  const Program* program = view.program(process);
  Owner owner;
  owner.program = copy(program);
  owner.script = process.script;
  owner.script_file = copy(view.script_file(process));
  owner.uid = process.effective_uid;
  owner.user = name_of(view, process.effective_uid);
  owner.unit = process.unit;
  owner.container = process.container;
  owner.container_facts = process.container_facts;
  owner.manager = holds_for_others(process, program);
  owner.name = process.name;
  owner.command_line = process.command_line;
  owner.long_line = process.long_line;
  owner.title = process.title;
  owner.pid = process.pid;
  owner.parent = process.parent;
  owner.started_at = view.started_at(process);
  owner.start = process.start;
  owner.recorder = process.recorder;
  owner.unread = process.unread;
  return owner;
}

std::vector<Owner> owners_of(const SnapshotView& view,
                             std::span<const SocketIndex> sockets,
                             const std::function<void(Owner&, const Process&)>& complete) {
  std::map<ProcessIndex, std::vector<Fd>> fds;
  for (const SocketIndex index : sockets) {
    for (const Holder& holder : view.holders(index)) {
      fds[holder.process].push_back(holder.fd);
    }
  }
  std::vector<Owner> owners;
  for (auto& [index, numbers] : fds) {
    Owner& owner = owners.emplace_back(owner_of(view, view.process(index)));
    owner.fds = std::move(numbers);
    if (complete) {
      complete(owner, view.process(index));
    }
  }
  std::sort(owners.begin(), owners.end(), [](const Owner& left, const Owner& right) {
    return std::tie(left.started_at, left.pid) < std::tie(right.started_at, right.pid);
  });
  return owners;
}

std::optional<SocketUser> maker_of(const SnapshotView& view, std::span<const SocketIndex> sockets) {
  const std::optional<Uid> uid = sockets.empty() ? std::nullopt : view.socket(sockets.front()).uid;
  const bool same = std::all_of(sockets.begin(), sockets.end(), [&](SocketIndex index) {
    return view.socket(index).uid == uid;
  });
  return uid && same ? std::optional(SocketUser{*uid, name_of(view, *uid)}) : std::nullopt;
}

ServiceSet collect_services(const SnapshotView& view, std::span<const Persistence> stays) {
  return Collector(view, stays).collect();
}

bool is_at(const Service& service, const Endpoint& endpoint) {
  if (!service.device_unknown) {
    return service.endpoint == endpoint;
  }
  Endpoint bound = service.endpoint;
  bound.device = endpoint.device;
  return bound == endpoint;
}

const Service* find_service(const ServiceSet& set, const Endpoint& endpoint) {
  const auto found = std::lower_bound(
      set.services.begin(),
      set.services.end(),
      endpoint,
      [](const Service& service, const Endpoint& wanted) { return service.endpoint < wanted; });
  return found != set.services.end() && found->endpoint == endpoint ? &*found : nullptr;
}

}  // namespace sockwitness::schema
