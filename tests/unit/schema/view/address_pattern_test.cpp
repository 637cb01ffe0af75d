#include "schema/view/address_pattern.h"

#include <catch2/catch.hpp>

namespace sockwitness {

using schema::IpAddress;
using schema::parse_address_pattern;
using schema::Port;

TEST_CASE("an address pattern matches what it names and nothing else") {
  struct Row {
    const char* pattern;
    const char* address;
    std::uint16_t port;
    bool matches;
  };
  const Row row = GENERATE(values<Row>({{"10.0.0.0/8", "10.1.2.3", 5, true},
                                        {"10.0.0.0/8", "11.1.2.3", 5, false},
                                        {"10.0.0.0/8", "::ffff:10.1.2.3", 5, true},
                                        {"10.0.0.5:443", "10.0.0.5", 443, true},
                                        {"10.0.0.5:443", "10.0.0.5", 444, false},
                                        {"[2001:db8::1]:22", "2001:db8::1", 22, true},
                                        {"[2001:db8::1]:22", "2001:db8::1", 23, false},
                                        {"[2001:db8::1]", "2001:db8::1", 9, true},
                                        {"2001:db8::/32", "2001:db8:1::9", 1, true},
                                        {"2001:db8::/32", "2001:db9::9", 1, false},
                                        {"::1", "::1", 7, true},
                                        {":443", "192.0.2.1", 443, true},
                                        {":443", "192.0.2.1", 80, false},
                                        {"*:1000-2000", "::1", 1500, true},
                                        {"*:1000-2000", "::1", 2001, false},
                                        {"*", "::1", 2001, true}}));
  CAPTURE(row.pattern, row.address, row.port);
  const auto pattern = parse_address_pattern(row.pattern);
  REQUIRE(pattern);
  CHECK(pattern->matches(*IpAddress::parse(row.address), Port(row.port)) == row.matches);
}

TEST_CASE("what is no address pattern is refused") {
  const char* text = GENERATE("",
                              "example.org",
                              "10.0.0.0/33",
                              "10.0.0.5:",
                              "10.0.0.5:65536",
                              "[::1",
                              "[::1]x",
                              "10.0.0.5:2-1",
                              "::1/129",
                              "10.0.0.5 ");
  CAPTURE(text);
  CHECK_FALSE(parse_address_pattern(text));
}

}  // namespace sockwitness
