#include "schema/view/endpoint_pattern.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/model/socket.h"
#include "schema/program/suggest.h"
#include "schema/view/local_addresses.h"

namespace sockwitness::schema {
namespace {

constexpr std::array kWithPorts{Protocol::Tcp,
                                Protocol::Udp,
                                Protocol::UdpLite,
                                Protocol::Sctp,
                                Protocol::Mptcp,
                                Protocol::Dccp};

bool has_ports(Protocol protocol) {
  return std::find(kWithPorts.begin(), kWithPorts.end(), protocol) != kWithPorts.end();
}

// Raw and ping sockets have the IP protocol or the identifier in the port's place.
bool has_addresses(Protocol protocol) {
  return has_ports(protocol) || protocol == Protocol::Raw || protocol == Protocol::Icmp;
}

Error unreadable(std::string_view text, std::string_view reason) {
  return {ExitCode::Usage,
          fmt::format("reading the endpoint '{}': {}", text, reason),
          std::string(endpoint_grammar())};
}

Protocol parse_protocol_word(std::string_view text, std::string_view word) {
  const auto protocol = parse_protocol(word);
  if (!protocol) {
    std::vector<std::string> known;
    for (const Protocol each : kWithPorts) {
      known.emplace_back(protocol_name(each));
    }
    known.insert(known.end(), {"raw", "icmp", "rpc"});
    throw unknown_word("the protocol", word, known);
  }
  if (*protocol == Protocol::Unix || *protocol == Protocol::Vsock) {
    throw unreadable(text, fmt::format("a {} socket is named after a colon", word));
  }
  if (!has_addresses(*protocol)) {
    throw unreadable(text, fmt::format("{} sockets have no address that could be named", word));
  }
  return *protocol;
}

// "tcp" of "tcp/22", nothing of "10.0.0.0/8" and "fe80::/10".
std::optional<std::string_view> find_protocol_word(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0) {
    return std::nullopt;
  }
  const std::string_view word = text.substr(0, slash);
  const bool address = word.find_first_of(".:[*") != std::string_view::npos;
  return address ? std::nullopt : std::optional(word);
}

// "tcp/8443" of "8443/tcp", as port lists and firewalls write it.
std::optional<std::string> turned_round(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view port = text.substr(0, slash);
  const auto protocol = parse_protocol(text.substr(slash + 1));
  return protocol && has_ports(*protocol) && parse_port_range(port)
             ? std::optional(std::string(text.substr(slash + 1)) + "/" + std::string(port))
             : std::nullopt;
}

std::string_view where_expected(bool names_known) {
  return names_known ? "neither a port, the name of one nor an address"
                     : "neither a port nor an address";
}

InetPattern parse_place(std::string_view text,
                        std::string_view place,
                        std::optional<Protocol> protocol,
                        const PortLookup& names) {
  InetPattern pattern{protocol, std::nullopt, {}};
  if (const auto range = parse_port_range(place)) {
    pattern.ports.push_back(*range);
    return pattern;
  }
  if (const auto address = parse_address_pattern(place)) {
    pattern.prefix = address->prefix;
    if (address->ports) {
      pattern.ports.push_back(*address->ports);
    }
    return pattern;
  }
  if (names) {
    for (const Port port : names(place)) {
      pattern.ports.push_back({port, port});
    }
    if (!pattern.ports.empty()) {
      return pattern;
    }
  }
  if (place.empty()) {
    throw unreadable(text, "a port or an address is missing");
  }
  if (place.find_first_not_of("0123456789-") == std::string_view::npos) {
    throw unreadable(text, "ports are 0 to 65535, the lower one first");
  }
  throw unreadable(text, fmt::format("'{}' is {}", place, where_expected(bool{names})));
}

// As it is printed: '@' for the NUL of an abstract name, \xNN for what a terminal must not see.
NamePattern parse_unix_name(std::string_view text, std::string_view name) {
  const bool abstract = scan_literal(name, "@");
  if (name.empty()) {
    throw unreadable(text, "the name is missing");
  }
  const std::string bytes = unescape_terminal(name);
  return {Protocol::Unix, abstract ? std::string(1, '\0') + bytes : bytes};
}

RpcPattern parse_rpc(std::string_view text, std::string_view number) {
  const auto program = parse_number<std::uint32_t>(number);
  if (!program) {
    throw unreadable(text, fmt::format("'{}' is not the number of an RPC program", number));
  }
  return {*program};
}

bool matches_inet(const InetPattern& pattern, const LocalEnd& end) {
  const bool protocol =
      pattern.protocol ? *pattern.protocol == end.protocol : has_ports(end.protocol);
  return protocol && (!pattern.prefix || pattern.prefix->contains(end.address)) &&
         (pattern.ports.empty() ||
          std::any_of(pattern.ports.begin(), pattern.ports.end(), [&](const PortRange& range) {
            return range.contains(end.port) ||
                   (end.last != Port(0) && range.first <= end.last && end.port <= range.last);
          }));
}

}  // namespace

bool operator==(const InetPattern& left, const InetPattern& right) {
  const auto same_prefix = [&] {
    return !left.prefix || (left.prefix->address == right.prefix->address &&
                            left.prefix->length == right.prefix->length);
  };
  return left.protocol == right.protocol && left.ports == right.ports &&
         left.prefix.has_value() == right.prefix.has_value() && same_prefix();
}

EndpointPattern parse_endpoint_pattern(std::string_view text, const PortLookup& names) {
  if (const auto turned = turned_round(text)) {
    return parse_endpoint_pattern(*turned, names);
  }
  std::string_view rest = text;
  if (text.starts_with('/')) {
    return parse_unix_name(text, text);
  }
  if (scan_literal(rest, "unix:")) {
    return parse_unix_name(text, rest);
  }
  if (scan_literal(rest, "vsock:")) {
    if (rest.empty()) {
      throw unreadable(text, "the name is missing");
    }
    return NamePattern{Protocol::Vsock, std::string(rest)};
  }
  if (scan_literal(rest, "rpc/")) {
    return parse_rpc(text, rest);
  }
  if (const auto word = find_protocol_word(text)) {
    const Protocol protocol = parse_protocol_word(text, *word);
    return parse_place(text, text.substr(word->size() + 1), protocol, names);
  }
  if (parse_protocol(text)) {
    throw unreadable(text, "a port or an address is missing");
  }
  return parse_place(text, text, std::nullopt, names);
}

bool matches(const EndpointPattern& pattern, const LocalEnd& end) {
  if (const auto* inet = std::get_if<InetPattern>(&pattern)) {
    return matches_inet(*inet, end);
  }
  if (const auto* named = std::get_if<NamePattern>(&pattern)) {
    return named->protocol == end.protocol && named->name == end.name;
  }
  const auto& rpc = std::get<RpcPattern>(pattern);
  return std::find(end.rpc_programs.begin(), end.rpc_programs.end(), rpc.program) !=
         end.rpc_programs.end();
}

bool matches(const EndpointPattern& pattern,
             const Socket& socket,
             std::span<const std::uint32_t> rpc_programs) {
  if (socket.protocol != Protocol::Sctp) {
    return matches(pattern,
                   {socket.protocol,
                    socket.local_address,
                    socket.local_port,
                    socket.name,
                    rpc_programs,
                    last_port(socket)});
  }
  const auto addresses = local_addresses(socket);
  return std::any_of(addresses.begin(), addresses.end(), [&](const IpAddress& address) {
    return matches(pattern, {socket.protocol, address, socket.local_port, {}, rpc_programs, {}});
  });
}

std::string_view endpoint_grammar() {
  return "an endpoint is one of:\n"
         "  tcp/4444, udp/8000-8099   a protocol and a port or ports\n"
         "  4444                      a port of any protocol\n"
         "  tcp/127.0.0.1:6379        bound to this address; '[::1]:80', '10.0.0.0/8:22' and\n"
         "                            '10.0.0.5' as well, with or without a protocol\n"
         "  /run/x.sock               a unix socket by its path; unix:x for a relative one\n"
         "  unix:@name                by its abstract name\n"
         "  vsock:2:1234              CID and port\n"
         "  rpc/100024                an RPC program, whatever its port";
}

}  // namespace sockwitness::schema
