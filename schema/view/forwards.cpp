#include "schema/view/forwards.h"

#include <optional>
#include <set>
#include <string_view>

#include "schema/model/service.h"
#include "schema/model/socket.h"

namespace sockwitness::schema {

std::string lead_text(const Socket& socket) {
  std::string text = socket.remote_address.ip_class() == IpClass::Any ? "this host"
                     : socket.remote_address.is_v6() ? "[" + socket.remote_address.text() + "]"
                                                     : socket.remote_address.text();
  if (socket.remote_port != Port(0)) {
    text += ":" + std::to_string(socket.remote_port.value());
  }
  if (socket.remote_last != Port(0)) {
    text += "-" + std::to_string(socket.remote_last.value());
  }
  return socket.target.empty() ? text : text + " in " + socket.target;
}

std::string leads_of(const SnapshotView& view, std::span<const SocketIndex> sockets) {
  std::set<std::string> targets;
  for (const SocketIndex index : sockets) {
    if (const Socket& socket = view.socket(index); is_forward(socket)) {
      targets.insert(lead_text(socket));
    }
  }
  std::string text;
  for (const std::string& target : targets) {
    text += (text.empty() ? "" : ", ") + target;
  }
  return text;
}

namespace {

// The address of a lead_text(); nothing of this host, and of several.
std::optional<IpAddress> address_of(std::string_view lead) {
  if (lead.find(", ") != std::string_view::npos) {
    return std::nullopt;
  }
  lead = lead.substr(0, lead.find(" in "));
  return lead.starts_with('[') ? IpAddress::parse(lead.substr(1, lead.find(']') - 1))
                               : IpAddress::parse(lead.substr(0, lead.find(':')));
}

// Of one network as engines cut them: 16 bits of IPv4, 64 of IPv6.
bool share_network(std::string_view left, std::string_view right) {
  const auto one = address_of(left);
  const auto other = address_of(right);
  return one && other && IpPrefix{*one, one->is_v6() ? 64U : 16U}.contains(*other);
}

}  // namespace

LeadChange compare_forwards(const Service& before, const Service& after) {
  const auto stays_on_loopback = [](const Service& service) {
    return service.endpoint.address.ip_class() == IpClass::Loopback &&
           (service.leads_to.starts_with("127.") || service.leads_to.starts_with("[::1]"));
  };
  LeadChange change = compare_leads(before.leads_to, after.leads_to);
  // Whose address it is could not be seen of one side: in another network it is not the same one's.
  if (change == LeadChange::Perhaps && !share_network(before.leads_to, after.leads_to)) {
    change = LeadChange::Elsewhere;
  }
  return change != LeadChange::Same && stays_on_loopback(before) && stays_on_loopback(after)
             ? LeadChange::Recreated
             : change;
}

bool is_for_this_host(const Endpoint& endpoint) {
  return is_forward(endpoint) && endpoint.name.ends_with(" of this host");
}

}  // namespace sockwitness::schema
