// What --local and --remote accept: an address or a prefix, with or without ports.
//
// In:    "10.0.0.0/8", "10.0.0.5:443", "[2001:db8::1]:22", "2001:db8::/32", ":443", "*:1000-2000".
// Out:   a pattern that matches an end of an internet socket, or nothing for anything else.
// Never: resolves host names.
#pragma once

#include <optional>
#include <string_view>

#include "schema/model/ids.h"
#include "schema/model/ip.h"

namespace sockwitness::schema {

struct PortRange {
  Port first;
  Port last;

  [[nodiscard]] bool contains(Port port) const { return first <= port && port <= last; }
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

// "80" or "8000-8099"; nothing when the end lies before the beginning.
[[nodiscard]] std::optional<PortRange> parse_port_range(std::string_view text);

struct AddressPattern {
  std::optional<IpPrefix> prefix;  // nothing: any address
  std::optional<PortRange> ports;  // nothing: any port

  [[nodiscard]] bool matches(const IpAddress& address, Port port) const;
};

[[nodiscard]] std::optional<AddressPattern> parse_address_pattern(std::string_view text);

}  // namespace sockwitness::schema
