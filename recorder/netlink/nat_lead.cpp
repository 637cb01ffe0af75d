#include "recorder/netlink/nat_lead.h"

#include <linux/netfilter.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sockwitness::recorder {
namespace {

using schema::IpAddress;
using schema::Port;
using schema::Protocol;

// Each port of a range that is no larger stands for itself.
constexpr unsigned kFewPorts = 64;

constexpr std::array<std::pair<std::uint8_t, Protocol>, 5> kProtocols{{{6, Protocol::Tcp},
                                                                       {17, Protocol::Udp},
                                                                       {33, Protocol::Dccp},
                                                                       {132, Protocol::Sctp},
                                                                       {136, Protocol::UdpLite}}};

// A rule that names no protocol holds for all; those that are used stand for them.
std::vector<Protocol> protocols_of(const NatCondition& condition) {
  if (condition.protocols.empty()) {
    return {Protocol::Tcp, Protocol::Udp};
  }
  std::vector<Protocol> found;
  for (const auto& [number, protocol] : kProtocols) {
    if (std::find(condition.protocols.begin(), condition.protocols.end(), number) !=
        condition.protocols.end()) {
      found.push_back(protocol);
    }
  }
  return found;
}

std::vector<bool> families_of(const NatLead& lead) {
  if (lead.target.address) {
    return {lead.target.address->first.is_v6()};
  }
  const std::optional<bool> v6 = lead.condition.v6 ? lead.condition.v6 : lead.target.v6;
  return v6 ? std::vector<bool>{*v6} : std::vector<bool>{false, true};
}

bool is_every_port(const PortSpan& span) {
  return span == PortSpan{};
}

std::vector<PortSpan> split(const std::vector<PortSpan>& spans) {
  std::vector<PortSpan> parts;
  for (PortSpan span : spans) {
    if (span.first == 0 && !is_every_port(span)) {
      span.first = 1;  // nothing is sent to port 0, and it stands for every port here
    }
    if (span.first + kFewPorts <= span.last) {
      parts.push_back(span);
      continue;
    }
    for (unsigned port = span.first; port <= span.last; ++port) {
      parts.push_back({static_cast<std::uint16_t>(port), static_cast<std::uint16_t>(port)});
    }
  }
  return parts;
}

std::string name_of(const NatLead& lead, const PortSpan& span) {
  std::string name = "forward";
  if (span.first != span.last && !is_every_port(span)) {
    name += " " + std::to_string(span.first) + "-" + std::to_string(span.last);
  }
  if (lead.condition.destination && !lead.condition.destination->single()) {
    name += " at " + lead.condition.destination->text();
  }
  if (lead.condition.source) {
    name += " from " + lead.condition.source->text();
  }
  return lead.for_others ? name : name.append(kOfThisHost);
}

std::string rule_of(const NatLead& lead) {
  const NatTable& table = lead.chain.table;
  std::string text = table.family == NFPROTO_IPV4   ? "ip "
                     : table.family == NFPROTO_IPV6 ? "ip6 "
                                                    : "inet ";
  text += table.name + " " + lead.chain.name;
  for (const std::string& remark : lead.condition.remarks) {
    text += "; " + remark;
  }
  if (lead.target.address && !lead.target.address->single()) {
    text += "; to " + lead.target.address->text();
  }
  return text;
}

void set_target(schema::Socket& socket, const NatTarget& target, const PortSpan& asked) {
  const PortSpan ports = target.ports           ? *target.ports
                         : is_every_port(asked) ? PortSpan{0, 0}
                                                : asked;
  socket.remote_port = Port(ports.first);
  socket.remote_last = Port(ports.last == ports.first ? std::uint16_t{0} : ports.last);
  if (target.address) {
    socket.remote_address = target.address->first;
  } else if (socket.family == schema::Family::Ipv6) {
    socket.remote_address = IpAddress::any_v6();
  }
}

}  // namespace

std::vector<schema::Socket> list_ports(const NatLead& lead) {
  std::vector<schema::Socket> ports;
  const NatCondition& condition = lead.condition;
  if (condition.impossible) {
    return ports;
  }
  schema::Socket socket;
  socket.state = schema::SocketState::Forward;
  socket.no_holder = schema::NoHolderReason::Kernel;
  socket.interface = schema::InterfaceIndex(condition.interface);
  socket.interface_name = condition.device;
  socket.rule = rule_of(lead);
  for (const bool v6 : families_of(lead)) {
    if (condition.v6.value_or(v6) != v6) {
      continue;
    }
    socket.family = v6 ? schema::Family::Ipv6 : schema::Family::Ipv4;
    socket.local_address = v6 ? IpAddress::any_v6() : IpAddress();
    if (condition.destination && condition.destination->single()) {
      socket.local_address = condition.destination->first;
    }
    for (const Protocol protocol : protocols_of(condition)) {
      socket.protocol = protocol;
      socket.type = protocol == Protocol::Tcp || protocol == Protocol::Sctp
                        ? schema::SocketType::Stream
                    : protocol == Protocol::Dccp ? schema::SocketType::Dccp
                                                 : schema::SocketType::Dgram;
      for (const PortSpan& span : split(condition.ports)) {
        const bool every = is_every_port(span);
        socket.local_port = Port(span.first);
        socket.local_last = Port(every || span.last == span.first ? std::uint16_t{0} : span.last);
        socket.name = name_of(lead, span);
        set_target(socket, lead.target, span);
        ports.push_back(socket);
      }
    }
  }
  return ports;
}

}  // namespace sockwitness::recorder
