#include "recorder/netlink/request.h"

#include <string>

#include <catch2/catch.hpp>

using namespace sockwitness;
using schema::Family;
using schema::Protocol;

namespace {

std::string hex(std::span<const std::byte> bytes) {
  constexpr auto kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
    text += kDigits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

}  // namespace

// Little-endian hosts; the header is length, type 20, flags REQUEST|DUMP, sequence 7, port 0.
TEST_CASE("requests, byte by byte") {
  const std::string head =
      "14000103"
      "07000000"
      "00000000";
  const std::string no_id(96, '0');
  const struct {
    Protocol protocol;
    Family family;
    std::string bytes;
  } rows[] = {
      {Protocol::Tcp, Family::Ipv4, "48000000" + head + "02060000fe3f0000" + no_id},
      {Protocol::Udp, Family::Ipv6, "48000000" + head + "0a110000fe3f0000" + no_id},
      {Protocol::UdpLite, Family::Ipv4, "48000000" + head + "02880000fe3f0000" + no_id},
      {Protocol::Raw, Family::Ipv4, "48000000" + head + "02ff0000fe3f0000" + no_id},
      {Protocol::Sctp, Family::Ipv4, "48000000" + head + "02840000fe3f0000" + no_id},
      {Protocol::Mptcp,
       Family::Ipv4,
       "50000000" + head + "02000000fe3f0000" + no_id + "0800030006010000"},
      {Protocol::Unix,
       Family::Unix,
       "28000000" + head + "01000000ffffffff00000000550000000000000000000000"},
      {Protocol::Packet,
       Family::Packet,
       "24000000" + head + "1100000000000000330000000000000000000000"},
      {Protocol::Netlink,
       Family::Netlink,
       "24000000" + head + "10ff000000000000010000000000000000000000"},
      {Protocol::Vsock,
       Family::Vsock,
       "28000000" + head + "28000000ffffffff00000000000000000000000000000000"},
  };
  for (const auto& row : rows) {
    INFO(static_cast<int>(row.protocol));
    const auto request = recorder::build_dump_request({row.protocol, row.family}, 7);
    REQUIRE(request);
    CHECK(hex(request->bytes()) == row.bytes);
  }
}

// Type 18 instead of 20, and no place for a protocol.
TEST_CASE("one request for TCP of both families") {
  const auto request = recorder::build_dump_request(recorder::kAllTcp, 7);
  REQUIRE(request);
  CHECK(hex(request->bytes()) ==
        "4c000000"
        "12000103"
        "07000000"
        "00000000"
        "00000000" +
            std::string(96, '0') + "fe3f0000" + "00000000");
  CHECK_FALSE(recorder::build_dump_request({Protocol::Udp, Family::Ipv4, true}, 7));
}

TEST_CASE("what sock_diag does not know is not asked") {
  CHECK_FALSE(recorder::build_dump_request({Protocol::Icmp, Family::Ipv4}, 1));
  CHECK_FALSE(recorder::build_dump_request({Protocol::Other, Family::Other}, 1));
}
