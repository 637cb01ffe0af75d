// docker-proxy: it listens on a published port and forwards to a container.
//
// In:    the command line of a docker-proxy process.
// Out:   where in the container's network it forwards to.
// Never: names the container: that takes a snapshot.
#pragma once

#include <optional>
#include <string_view>

#include "schema/model/ids.h"
#include "schema/model/ip.h"

namespace sockwitness::schema {

struct Forwarding {
  IpAddress address;
  Port port;

  friend bool operator==(const Forwarding&, const Forwarding&) = default;
};

// Arguments end in NUL, as in /proc/<pid>/cmdline: "-container-ip", "172.17.0.2", …
// Source: moby, cmd/docker-proxy.
[[nodiscard]] std::optional<Forwarding> parse_docker_proxy(std::string_view command_line);

}  // namespace sockwitness::schema
