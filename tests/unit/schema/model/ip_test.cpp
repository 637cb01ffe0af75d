#include "schema/model/ip.h"

#include <catch2/catch.hpp>

namespace sockwitness::schema {

TEST_CASE("addresses are read and written in canonical form") {
  struct Row {
    const char* text;
    const char* canonical;
    IpClass ip_class;
  };
  const Row row =
      GENERATE(values<Row>({{"0.0.0.0", "0.0.0.0", IpClass::Any},
                            {"127.0.0.1", "127.0.0.1", IpClass::Loopback},
                            {"127.255.255.255", "127.255.255.255", IpClass::Loopback},
                            {"10.1.2.3", "10.1.2.3", IpClass::Private},
                            {"172.15.0.1", "172.15.0.1", IpClass::Global},
                            {"172.16.0.1", "172.16.0.1", IpClass::Private},
                            {"172.31.0.1", "172.31.0.1", IpClass::Private},
                            {"172.32.0.1", "172.32.0.1", IpClass::Global},
                            {"192.168.0.1", "192.168.0.1", IpClass::Private},
                            {"169.254.0.1", "169.254.0.1", IpClass::LinkLocal},
                            {"224.0.0.1", "224.0.0.1", IpClass::Multicast},
                            {"8.8.8.8", "8.8.8.8", IpClass::Global},
                            {"::", "::", IpClass::Any},
                            {"::1", "::1", IpClass::Loopback},
                            {"0:0:0:0:0:0:0:1", "::1", IpClass::Loopback},
                            {"2001:DB8::1", "2001:db8::1", IpClass::Global},
                            {"fe80::1", "fe80::1", IpClass::LinkLocal},
                            {"febf::1", "febf::1", IpClass::LinkLocal},
                            {"fec0::1", "fec0::1", IpClass::Global},
                            {"fd00::1", "fd00::1", IpClass::Private},
                            {"ff02::1", "ff02::1", IpClass::Multicast},
                            {"::ffff:127.0.0.1", "::ffff:127.0.0.1", IpClass::Mapped}}));
  CAPTURE(row.text);
  const auto address = IpAddress::parse(row.text);
  REQUIRE(address);
  CHECK(address->text() == row.canonical);
  CHECK(address->ip_class() == row.ip_class);
  CHECK(IpAddress::from_bytes(address->bytes()) == address);
}

TEST_CASE("what is no address is refused") {
  const char* text = GENERATE("",
                              "1",
                              "1.2.3",
                              "1.2.3.4.5",
                              "1.2.3.256",
                              "1.2.3.4 ",
                              " 1.2.3.4",
                              "01.2.3.4",
                              "::g",
                              ":::",
                              "1::2::3",
                              "fe80::1%eth0",
                              "localhost",
                              "1.2.3.4/8",
                              "[::1]");
  CAPTURE(text);
  CHECK_FALSE(IpAddress::parse(text));
}

TEST_CASE("only 4 or 16 bytes are an address") {
  for (std::size_t length = 0; length <= 17; ++length) {
    CHECK(IpAddress::from_bytes(std::string(length, 'x')).has_value() ==
          (length == 4 || length == 16));
  }
}

TEST_CASE("a prefix contains what shares its bits") {
  struct Row {
    const char* prefix;
    const char* address;
    bool inside;
  };
  const Row row = GENERATE(values<Row>({{"10.0.0.0/8", "10.255.0.1", true},
                                        {"10.0.0.0/8", "11.0.0.1", false},
                                        {"10.0.0.0/9", "10.128.0.0", false},
                                        {"0.0.0.0/0", "8.8.8.8", true},
                                        {"0.0.0.0/0", "::1", false},
                                        {"::/0", "::1", true},
                                        {"::/0", "8.8.8.8", false},
                                        {"10.0.0.1", "10.0.0.1", true},
                                        {"10.0.0.1/32", "10.0.0.2", false},
                                        {"10.0.0.0/8", "::ffff:10.1.1.1", true},
                                        {"2001:db8::/33", "2001:db8:8000::", false},
                                        {"2001:db8::/32", "2001:db8:8000::", true}}));
  CAPTURE(row.prefix, row.address);
  CHECK(IpPrefix::parse(row.prefix)->contains(*IpAddress::parse(row.address)) == row.inside);
}

TEST_CASE("what is no prefix is refused") {
  const char* text = GENERATE("/8",
                              "10.0.0.0/",
                              "10.0.0.0/33",
                              "::/129",
                              "10.0.0.0/-1",
                              "10.0.0.0/8x",
                              "10.0.0.0/ 8",
                              "10.0.0.0/8/8");
  CAPTURE(text);
  CHECK_FALSE(IpPrefix::parse(text));
}

}  // namespace sockwitness::schema
