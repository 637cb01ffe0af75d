#include "schema/view/address_pattern.h"

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

struct Split {
  std::string_view address;
  std::optional<std::string_view> ports;
};

// Where the port begins: after "]:" in brackets, after the only ':' elsewhere; more than one is an
// IPv6 address.
Split split_port(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) {
      return {text, std::nullopt};
    }
    const auto rest = text.substr(close + 1);
    if (rest.starts_with(':')) {
      return {text.substr(1, close - 1), rest.substr(1)};
    }
    return {rest.empty() ? text.substr(1, close - 1) : text, std::nullopt};
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return {text, std::nullopt};
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace

std::optional<PortRange> parse_port_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_number<std::uint16_t>(text.substr(0, dash));
  if (!first) {
    return std::nullopt;
  }
  if (dash == std::string_view::npos) {
    return PortRange{Port(*first), Port(*first)};
  }
  const auto last = parse_number<std::uint16_t>(text.substr(dash + 1));
  if (!last || *last < *first) {
    return std::nullopt;
  }
  return PortRange{Port(*first), Port(*last)};
}

bool AddressPattern::matches(const IpAddress& address, Port port) const {
  return (!prefix || prefix->contains(address)) && (!ports || ports->contains(port));
}

std::optional<AddressPattern> parse_address_pattern(std::string_view text) {
  const Split split = split_port(text);
  AddressPattern pattern;
  if (split.ports) {
    pattern.ports =
        *split.ports == "*" ? PortRange{Port(0), Port(65535)} : parse_port_range(*split.ports);
    if (!pattern.ports) {
      return std::nullopt;
    }
  }
  const bool any_address = split.address == "*" || (split.address.empty() && split.ports);
  if (!any_address) {
    pattern.prefix = IpPrefix::parse(split.address);
    if (!pattern.prefix) {
      return std::nullopt;
    }
  }
  return pattern;
}

}  // namespace sockwitness::schema
