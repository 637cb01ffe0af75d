// What kind of place a service is offered at.
#pragma once

#include "schema/model/service.h"

namespace sockwitness::query {

[[nodiscard]] inline bool is_unix(const schema::Service& service) {
  return service.endpoint.family == schema::Family::Unix;
}

[[nodiscard]] inline bool is_inet(const schema::Endpoint& endpoint) {
  return endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
}

// Raw and packet sockets: they receive all packets.
[[nodiscard]] inline bool takes_packets(const schema::Service& service) {
  return service.endpoint.protocol == schema::Protocol::Raw ||
         service.endpoint.protocol == schema::Protocol::Packet;
}

}  // namespace sockwitness::query
