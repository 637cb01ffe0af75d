// One thing that listens, or several alike, as people name it: on the command line, in a policy.
//
// In:    "tcp/4444", "4444", "udp/8000-8099", "tcp/127.0.0.1:6379", "tcp/[::1]:80",
//        "10.0.0.0/8:22", "/run/x.sock", "unix:@abstract", "vsock:2:1234", "rpc/100024"; "tcp/ssh"
//        where the caller knows names of ports.
// Out:   a value that says whether a local end is meant.
// Never: judges whether the socket listens, looks at the other end, or resolves host names.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schema/model/ids.h"
#include "schema/model/ip.h"
#include "schema/model/socket_kind.h"
#include "schema/view/address_pattern.h"

namespace sockwitness::schema {

struct Socket;

struct InetPattern {
  std::optional<Protocol> protocol;  // nothing: any protocol that has ports
  std::optional<IpPrefix> prefix;    // of the address that it is bound to; nothing: any
  std::vector<PortRange> ports;      // empty: any; raw: the IP protocol number

  friend bool operator==(const InetPattern&, const InetPattern&);
};

struct NamePattern {
  Protocol protocol = Protocol::Unix;  // or Vsock
  std::string name;                    // exactly; an abstract one begins with NUL

  friend bool operator==(const NamePattern&, const NamePattern&) = default;
};

// A service that keeps its number while its port changes.
struct RpcPattern {
  std::uint32_t program = 0;

  friend bool operator==(const RpcPattern&, const RpcPattern&) = default;
};

using EndpointPattern = std::variant<InetPattern, NamePattern, RpcPattern>;

// The ports that a name of the services database stands for; none when it has no such name.
using PortLookup = std::function<std::vector<Port>(std::string_view name)>;

// What is compared of a socket, or of a service that stands for several.
struct LocalEnd {
  Protocol protocol = Protocol::Tcp;
  IpAddress address;  // of the internet families
  Port port;
  std::string_view name;                        // unix and vsock
  std::span<const std::uint32_t> rpc_programs;  // that rpcbind has registered for this port
  Port last = {};  // of a range that leads elsewhere; 0: it is one port
};

// Throws Error (Usage): "reading the endpoint 'x': …" with the grammar or the nearest word as hint.
[[nodiscard]] EndpointPattern parse_endpoint_pattern(std::string_view text,
                                                     const PortLookup& names = {});

[[nodiscard]] bool matches(const EndpointPattern& pattern, const LocalEnd& end);
[[nodiscard]] bool matches(const EndpointPattern& pattern,
                           const Socket& socket,
                           std::span<const std::uint32_t> rpc_programs);

// The grammar, for help texts and hints; lines without indentation.
[[nodiscard]] std::string_view endpoint_grammar();

}  // namespace sockwitness::schema
