#include "schema/view/local_addresses.h"

#include <algorithm>
#include <string_view>

#include "schema/base/scan.h"
#include "schema/model/socket.h"
#include "schema/view/services.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::schema {

std::string address_list(std::vector<IpAddress> addresses) {
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  std::string text;
  for (const IpAddress& address : addresses) {
    text += (text.empty() ? "" : " ") + address.text();
  }
  return addresses.size() < 2 ? std::string() : text;
}

std::vector<IpAddress> local_addresses(const Socket& socket) {
  std::vector<IpAddress> addresses;
  std::string_view rest =
      socket.protocol == Protocol::Sctp ? std::string_view(socket.name) : std::string_view();
  while (!rest.empty()) {
    if (const auto address = IpAddress::parse(scan_until(rest, ' '))) {
      addresses.push_back(*address);
    }
  }
  if (addresses.empty()) {
    addresses.push_back(socket.local_address);
  }
  return addresses;
}

std::vector<Endpoint> endpoints_of(const Snapshot& snapshot, const Socket& socket) {
  Endpoint endpoint = endpoint_of(snapshot, socket);
  if (socket.protocol != Protocol::Sctp) {
    return {std::move(endpoint)};
  }
  std::vector<Endpoint> endpoints;
  for (const IpAddress& address : local_addresses(socket)) {
    endpoint.address = plain_address(address);
    endpoint.family = endpoint.address.is_v6() ? Family::Ipv6 : Family::Ipv4;
    endpoints.push_back(endpoint);
  }
  return endpoints;
}

}  // namespace sockwitness::schema
