#include "schema/view/docker_proxy.h"

#include "schema/base/scan.h"

namespace sockwitness::schema {

std::optional<Forwarding> parse_docker_proxy(std::string_view command_line) {
  std::optional<IpAddress> address;
  std::optional<std::uint16_t> port;
  while (!command_line.empty()) {
    const std::string_view word = scan_until(command_line, '\0');
    if (word == "-container-ip") {
      address = IpAddress::parse(scan_until(command_line, '\0'));
    } else if (word == "-container-port") {
      port = parse_number<std::uint16_t>(scan_until(command_line, '\0'));
    }
  }
  if (!address || !port) {
    return std::nullopt;
  }
  return Forwarding{*address, Port(*port)};
}

}  // namespace sockwitness::schema
