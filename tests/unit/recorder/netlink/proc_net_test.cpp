#include "recorder/netlink/proc_net.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"

using namespace sockwitness;
using recorder::DiagTable;
using schema::Family;
using schema::Protocol;
using schema::SocketState;

namespace {

constexpr DiagTable kTcp4{Protocol::Tcp, Family::Ipv4};
constexpr DiagTable kTcp6{Protocol::Tcp, Family::Ipv6};
constexpr DiagTable kUdp4{Protocol::Udp, Family::Ipv4};
constexpr DiagTable kRaw4{Protocol::Raw, Family::Ipv4};
constexpr DiagTable kPacket{Protocol::Packet, Family::Packet};
constexpr DiagTable kNetlink{Protocol::Netlink, Family::Netlink};

constexpr auto kListener =
    "   0: 0100007F:1389 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 "
    "9410 "
    "1 00000000bc6c87fe 100 0 0 10 0";

}  // namespace

TEST_CASE("a listener's rx_queue is the accept backlog in use") {
  const auto socket = recorder::parse_proc_net_line(kListener, kTcp4);
  REQUIRE(socket);
  CHECK(socket->state == SocketState::Listen);
  CHECK(socket->local_address.text() == "127.0.0.1");
  CHECK(socket->local_port == schema::Port(5001));
  CHECK(socket->queues == schema::Queues{2, 0});
  CHECK(socket->backlog == 0);
  CHECK(socket->inode == schema::Inode(9410));
  CHECK(socket->uid == schema::Uid(0));
  CHECK(socket->cookie == schema::SocketCookie(0));
}

TEST_CASE("states, owners and families of internet lines") {
  struct Row {
    const char* line;
    DiagTable table;
    SocketState state;
    const char* local;
    std::uint16_t local_port;
    const char* remote;
    bool has_uid;
  };
  const Row rows[] = {
      {"   1: 0100007F:1389 0200000A:C350 01 00000005:00000007 01:00000014 00000000  1000        0 "
       "77 1 0 20 4 30 10 -1",
       kTcp4,
       SocketState::Established,
       "127.0.0.1",
       5001,
       "10.0.0.2",
       true},
      {"   2: 0100007F:1389 0100007F:C350 06 00000000:00000000 03:00000E10 00000000     0        0 "
       "0 3 0",
       kTcp4,
       SocketState::TimeWait,
       "127.0.0.1",
       5001,
       "127.0.0.1",
       false},
      {"   3: 0000000000000000FFFF00000100007F:138A 0000000000000000FFFF00000100007F:C350 01 "
       "00000000:00000000 00:00000000 00000000     0        0 9411 1 0",
       kTcp6,
       SocketState::Established,
       "::ffff:127.0.0.1",
       5002,
       "::ffff:127.0.0.1",
       true},
      {"  77: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 "
       "9421 2 000000007b6324fe 0",
       kRaw4,
       SocketState::Unconnected,
       "0.0.0.0",
       1,
       "0.0.0.0",
       true},
      {"12345: 00000000:0044 00000000:0000 07 00000000:00000300 00:00000000 00000000   101        "
       "0 18446744073709551615 2 0 0",
       kUdp4,
       SocketState::Unconnected,
       "0.0.0.0",
       68,
       "0.0.0.0",
       true},
  };
  for (const auto& row : rows) {
    INFO(row.line);
    const auto socket = recorder::parse_proc_net_line(row.line, row.table);
    REQUIRE(socket);
    CHECK(socket->state == row.state);
    CHECK(socket->local_address.text() == row.local);
    CHECK(socket->local_port.value() == row.local_port);
    CHECK(socket->remote_address.text() == row.remote);
    CHECK(socket->uid.has_value() == row.has_uid);
  }
}

TEST_CASE("packet and netlink lines") {
  const auto packet = recorder::parse_proc_net_line(
      "000000001f82fd36 3      2    0806   4     1 96     1000   13751 ", kPacket);
  REQUIRE(packet);
  CHECK(packet->type == schema::SocketType::Dgram);
  CHECK(packet->number == 0x0806);
  CHECK(packet->interface == schema::InterfaceIndex(4));
  CHECK(packet->queues.recv_q == 96);
  CHECK(packet->uid == schema::Uid(1000));
  CHECK(packet->inode == schema::Inode(13751));

  const auto netlink = recorder::parse_proc_net_line(
      "00000000da906523 15  6120       00000001 8        0        0     2        0        13752   ",
      kNetlink);
  REQUIRE(netlink);
  CHECK(netlink->number == 15);
  CHECK(netlink->port_id == 6120);
  CHECK(netlink->no_holder == schema::NoHolderReason::None);
  const auto kernel = recorder::parse_proc_net_line(
      "0000000061712aef 0   0          00000000 0        0        0     2        0        13597   ",
      kNetlink);
  REQUIRE(kernel);
  CHECK(kernel->no_holder == schema::NoHolderReason::Kernel);
}

TEST_CASE("lines that are not as they should be are refused") {
  const std::string listener = kListener;
  for (std::size_t size = 0; size < listener.find(" 9410"); ++size) {
    INFO(listener.substr(0, size));
    CHECK_FALSE(recorder::parse_proc_net_line(listener.substr(0, size), kTcp4));
  }
  const struct {
    const char* line;
    DiagTable table;
  } rows[] = {
      {kListener, kTcp6},  // an address of the wrong length
      {kListener, kUdp4},  // a datagram socket does not listen
      {kListener, {Protocol::Unix, Family::Unix}},
      {"0: 0100007G:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9410", kTcp4},
      {"0: 0100007F:11389 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9410", kTcp4},
      {"0: 0100007F:1389 00000000:0000 0E 00000000:00000000 00:00000000 00000000 0 0 9410", kTcp4},
      {"0: 0100007F:1389 00000000:0000 00 00000000:00000000 00:00000000 00000000 0 0 9410", kTcp4},
      {"0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000 -1 0 9410", kTcp4},
      {"0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9410x", kTcp4},
      {"0: 0100007F:1389  00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 9410", kTcp4},
      {"000000001f82fd36 3      7    0806   4     1 96     1000   13751", kPacket},
      {"000000001f82fd36 3      2    0806   4     1 96     1000   13751 9", kPacket},
      {"000000001f82fd36 3      2    10806  4     1 96     1000   13751", kPacket},
      {"0000000061712aef 0   0          00000000 0        0        0     2        0", kNetlink},
  };
  for (const auto& row : rows) {
    INFO(row.line);
    CHECK_FALSE(recorder::parse_proc_net_line(row.line, row.table));
  }
}

TEST_CASE("a table counts what it cannot read, a cut last line included") {
  const std::string line = kListener;
  std::vector<schema::Socket> sockets;
  CHECK(recorder::parse_proc_net("head\n", kTcp4, sockets) == 0);
  CHECK(sockets.empty());
  CHECK(recorder::parse_proc_net(
            "head\n" + line + "\nnonsense\n" + line + "\n" + line, kTcp4, sockets) == 2);
  CHECK(sockets.size() == 2);
  // Even an empty table has its titles.
  for (const char* text : {"", "hea", "0: 0100007F:1389 00000000:0000"}) {
    CHECK(recorder::parse_proc_net(text, kTcp4, sockets) == 1);
  }
}

TEST_CASE("a list of protocols that is cut says nothing of those that are missing") {
  const std::string text =
      "protocol  size sockets\nPACKET    1600      0\nTCP       2304      1\nUNIX  1152      2\n";
  CHECK(recorder::is_protocol_list(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    INFO(text.substr(0, size));
    const bool whole_lines = size > text.find("UNIX") - 1 && text[size - 1] == '\n';
    CHECK(recorder::is_protocol_list(std::string_view(text).substr(0, size)) == whole_lines);
  }
}

// What is left out for want of being in the list rests on its order.
TEST_CASE("this kernel lists the protocols that it learnt last first") {
  std::string text;
  REQUIRE(recorder::read_file_at(AT_FDCWD, "/proc/self/net/protocols", text));
  REQUIRE(recorder::is_protocol_list(text));
  const auto tcp = text.find("\nTCP ");
  std::size_t others = 0;
  for (const char* name :
       {"\nUDP-Lite ", "\nPING ", "\nSCTP ", "\nMPTCP ", "\nDCCP ", "\nAF_VSOCK "}) {
    const auto at = text.find(name);
    others += at != std::string::npos ? 1U : 0U;
    CHECK((at == std::string::npos || at < tcp));
  }
  CHECK(others > 0);
}

TEST_CASE("how many sockets there are, by sockstat") {
  const auto count = recorder::parse_sockstat(
      "sockets: used 291\nTCP: inuse 5 orphan 0 tw 17 alloc 7 mem 1\nUDP: inuse 0 mem 0\n");
  CHECK(count.used == 291);
  CHECK(count.waiting == 17);
  for (const char* text : {"",
                           "sockets:",
                           "sockets: used",
                           "sockets: used x\nTCP: tw -1\n",
                           "sockets: used 99999999999999999999\n",
                           "TCP: used 3 tw"}) {
    INFO(text);
    CHECK(recorder::parse_sockstat(text).used == 0);
    CHECK(recorder::parse_sockstat(text).waiting == 0);
  }
  std::string text;
  REQUIRE(recorder::read_file_at(AT_FDCWD, "/proc/self/net/sockstat", text));
  const recorder::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(recorder::read_file_at(AT_FDCWD, "/proc/self/net/sockstat", text));
  CHECK(recorder::parse_sockstat(text).used > 0);
}

TEST_CASE("the unix table has no file to be read from") {
  CHECK(recorder::proc_net_file({Protocol::Unix, Family::Unix}) == nullptr);
  CHECK(recorder::proc_net_file(kTcp6) == std::string("tcp6"));
}

TEST_CASE("use of a protocol, by family") {
  constexpr auto kText =
      "protocol  size sockets  memory press maxhdr  slab module     cl co di ac\n"
      "UDPLITEv6 1472      0       0   NI       0   yes  kernel      y  y  y  n\n"
      "UNIX-STREAM 1152      5      -1   NI       0   yes  kernel      y  n  n\n"
      "UNIX      1152      2      -1   NI       0   yes  kernel      y  n  n\n"
      "UDP-Lite  1344      3       0   NI       0   yes  kernel      y  y  y\n";
  CHECK(recorder::find_protocol_use(kText, {Protocol::UdpLite, Family::Ipv4}) == 3);
  CHECK(recorder::find_protocol_use(kText, {Protocol::UdpLite, Family::Ipv6}) == 0);
  CHECK(recorder::find_protocol_use(kText, {Protocol::Unix, Family::Unix}) == 7);
  CHECK_FALSE(recorder::find_protocol_use(kText, {Protocol::Sctp, Family::Ipv4}));
}
