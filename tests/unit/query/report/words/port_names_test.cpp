#include "query/report/words/port_names.h"

#include <catch2/catch.hpp>

namespace sockwitness {

using query::PortNames;
using schema::Port;
using schema::Protocol;

TEST_CASE("a services database gives names and ports, whatever else stands in it") {
  const auto names = PortNames::parse(
      "# comment\n"
      "ssh\t\t22/tcp\t\t\t# SSH\n"
      "domain\t53/tcp\ndomain  53/udp  nameserver dns # both\r\n"
      "broken\nbroken 1\nbroken x/tcp\nbroken 70000/tcp\nbroken 5/xyz\n"
      "http 80/tcp www\nother 80/tcp\n"
      "last 99/udp");
  CHECK(names.find(Protocol::Tcp, Port(22)) == "ssh");
  CHECK(names.find(Protocol::Udp, Port(22)).empty());
  CHECK(names.find(Protocol::Udp, Port(53)) == "domain");
  CHECK(names.find(Protocol::Tcp, Port(80)) == "http");
  CHECK(names.find(Protocol::Mptcp, Port(80)) == "http");
  CHECK(names.find(Protocol::Udp, Port(99)) == "last");
  CHECK(names.ports_of("dns") == std::set{Port(53)});
  CHECK(names.ports_of("www") == std::set{Port(80)});
  CHECK(names.ports_of("broken").empty());
}

}  // namespace sockwitness
