#include "recorder/netlink/decode.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "recorder/netlink/connection.h"

using namespace sockwitness;
using recorder::DiagTable;
using recorder::DumpContent;
using schema::Family;
using schema::Protocol;
using schema::SocketState;

namespace {

constexpr std::uint32_t kSequence = 7;
constexpr DiagTable kTcp4{Protocol::Tcp, Family::Ipv4};
constexpr DiagTable kTcp6{Protocol::Tcp, Family::Ipv6};
constexpr DiagTable kUdp4{Protocol::Udp, Family::Ipv4};
constexpr DiagTable kUnix{Protocol::Unix, Family::Unix};
constexpr DiagTable kPacket{Protocol::Packet, Family::Packet};

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

std::string attribute(std::uint16_t type, const std::string& payload) {
  nlattr head{};
  head.nla_type = type;
  head.nla_len = static_cast<std::uint16_t>(sizeof(head) + payload.size());
  return padded(bytes_of(head) + payload);
}

std::string message(std::uint16_t type,
                    const std::string& payload,
                    std::uint16_t flags = NLM_F_MULTI,
                    std::uint32_t sequence = kSequence) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof(head) + payload.size());
  head.nlmsg_type = type;
  head.nlmsg_flags = flags;
  head.nlmsg_seq = sequence;
  return padded(bytes_of(head) + payload);
}

std::string ended(int number, std::uint16_t flags = NLM_F_MULTI) {
  return message(NLMSG_DONE, bytes_of(std::int32_t{number}), flags);
}

recorder::DumpStep decode(const std::string& bytes, DiagTable table, DumpContent& content) {
  return recorder::decode_datagram(std::as_bytes(std::span(bytes)), table, kSequence, content);
}

inet_diag_msg inet(std::uint8_t family, std::uint8_t state) {
  inet_diag_msg head{};
  head.idiag_family = family;
  head.idiag_state = state;
  head.id.idiag_sport = htons(5001);
  head.id.idiag_dport = htons(50000);
  head.id.idiag_src[0] = htonl(0x7f000001);
  head.id.idiag_dst[0] = htonl(0x0a000002);
  head.id.idiag_cookie[0] = 0x11;
  head.id.idiag_cookie[1] = 0x22;
  head.id.idiag_if = 3;
  head.idiag_rqueue = 5;
  head.idiag_wqueue = 128;
  head.idiag_uid = 1000;
  head.idiag_inode = 99;
  return head;
}

schema::Socket only(const std::string& payload, DiagTable table) {
  DumpContent content;
  static_cast<void>(decode(message(SOCK_DIAG_BY_FAMILY, payload), table, content));
  CHECK(content.malformed == 0);
  REQUIRE(content.sockets.size() == 1);
  return content.sockets.front();
}

}  // namespace

TEST_CASE("a connection: byte order, cookie, queues") {
  const auto socket = only(bytes_of(inet(AF_INET, 1)), kTcp4);
  CHECK(socket.state == SocketState::Established);
  CHECK(socket.local_address.text() == "127.0.0.1");
  CHECK(socket.local_port == schema::Port(5001));
  CHECK(socket.remote_address.text() == "10.0.0.2");
  CHECK(socket.remote_port == schema::Port(50000));
  CHECK(socket.cookie == schema::SocketCookie(0x2200000011ULL));
  CHECK(socket.queues == schema::Queues{5, 128});
  CHECK(socket.backlog == 0);
  CHECK(socket.uid == schema::Uid(1000));
  CHECK(socket.inode == schema::Inode(99));
  CHECK(socket.interface == schema::InterfaceIndex(3));
}

TEST_CASE("a listener's queues are its backlog and the limit") {
  const auto socket = only(bytes_of(inet(AF_INET, 10)), kTcp4);
  CHECK(socket.queues == schema::Queues{5, 0});
  CHECK(socket.backlog == 128);
}

TEST_CASE("answers for both families say themselves which is theirs") {
  DumpContent content;
  const auto bytes = message(TCPDIAG_GETSOCK, bytes_of(inet(AF_INET, 1))) +
                     message(TCPDIAG_GETSOCK, bytes_of(inet(AF_INET6, 1))) +
                     message(TCPDIAG_GETSOCK, bytes_of(inet(AF_UNIX, 1))) +
                     message(SOCK_DIAG_BY_FAMILY, bytes_of(inet(AF_INET, 1))) + ended(0);
  CHECK(decode(bytes, recorder::kAllTcp, content).done);
  REQUIRE(content.sockets.size() == 2);
  CHECK(content.sockets[0].family == Family::Ipv4);
  CHECK(content.sockets[0].local_address.text() == "127.0.0.1");
  CHECK(content.sockets[1].family == Family::Ipv6);
  CHECK(content.sockets[1].local_address.is_v6());
  CHECK(content.malformed == 2);
}

TEST_CASE("states of each protocol") {
  const struct {
    DiagTable table;
    std::uint8_t number;
    std::optional<SocketState> state;
  } rows[] = {{kTcp4, 0, std::nullopt},
              {kTcp4, 2, SocketState::SynSent},
              {kTcp4, 6, SocketState::TimeWait},
              {kTcp4, 7, SocketState::Close},
              {kTcp4, 11, SocketState::Closing},
              {kTcp4, 12, SocketState::SynRecv},
              {kTcp4, 13, SocketState::Close},
              {kTcp4, 14, std::nullopt},
              {kUdp4, 1, SocketState::Established},
              {kUdp4, 7, SocketState::Unconnected},
              {kUdp4, 10, std::nullopt}};
  for (const auto& row : rows) {
    INFO(int{row.number});
    DumpContent content;
    static_cast<void>(decode(
        message(SOCK_DIAG_BY_FAMILY, bytes_of(inet(AF_INET, row.number))), row.table, content));
    REQUIRE(content.sockets.size() == (row.state ? 1U : 0U));
    CHECK(content.malformed == (row.state ? 0U : 1U));
    if (row.state) {
      CHECK(content.sockets[0].state == *row.state);
    }
  }
}

TEST_CASE("root is believed only of sockets with an inode") {
  auto head = inet(AF_INET, 6);
  head.idiag_uid = 0;
  head.idiag_inode = 0;
  CHECK_FALSE(only(bytes_of(head), kTcp4).uid);
  head.idiag_uid = 1000;
  CHECK(only(bytes_of(head), kTcp4).uid == schema::Uid(1000));
  head.idiag_uid = 0;
  head.idiag_inode = 5;
  CHECK(only(bytes_of(head), kTcp4).uid == schema::Uid(0));
}

TEST_CASE("an IPv6 listener says whether it serves IPv4, and mapped addresses stay IPv6") {
  auto head = inet(AF_INET6, 10);
  head.id.idiag_src[0] = 0;
  head.id.idiag_src[2] = htonl(0xffff);
  head.id.idiag_src[3] = htonl(0x7f000001);
  const auto flag = [](char value) { return attribute(INET_DIAG_SKV6ONLY, std::string(1, value)); };
  CHECK(only(bytes_of(head) + flag(1), kTcp6).v6only == true);
  const auto dual = only(bytes_of(head) + flag(0), kTcp6);
  CHECK(dual.v6only == false);
  CHECK(dual.local_address.text() == "::ffff:127.0.0.1");
  CHECK_FALSE(only(bytes_of(head), kTcp6).v6only);
}

TEST_CASE("an SCTP association speaks another list of states than an endpoint") {
  const DiagTable sctp{Protocol::Sctp, Family::Ipv4};
  CHECK(only(bytes_of(inet(AF_INET, 3)) + attribute(INET_DIAG_PEERS, "x"), sctp).state ==
        SocketState::Established);
  CHECK(only(bytes_of(inet(AF_INET, 10)), sctp).state == SocketState::Listen);
}

TEST_CASE("an SCTP socket has all its local addresses, whatever their order and family") {
  const auto v4 = [](const char* text) {
    sockaddr_storage storage{};
    auto& end = reinterpret_cast<sockaddr_in&>(storage);
    end.sin_family = AF_INET;
    end.sin_port = htons(5001);
    inet_pton(AF_INET, text, &end.sin_addr);
    return bytes_of(storage);
  };
  const auto v6 = [](const char* text) {
    sockaddr_storage storage{};
    auto& end = reinterpret_cast<sockaddr_in6&>(storage);
    end.sin6_family = AF_INET6;
    end.sin6_scope_id = 7;
    inet_pton(AF_INET6, text, &end.sin6_addr);
    return bytes_of(storage);
  };
  const DiagTable sctp{Protocol::Sctp, Family::Ipv4};
  const auto names = [&](const std::string& locals) {
    return only(bytes_of(inet(AF_INET, 10)) + attribute(INET_DIAG_LOCALS, locals), sctp).name;
  };
  CHECK(names(v4("10.0.0.9") + v6("fd00::1") + v4("10.0.0.2")) == "10.0.0.2 10.0.0.9 fd00::1");
  CHECK(names(v4("10.0.0.9")).empty());  // stands in the message already
  CHECK(names(v4("10.0.0.9") + v4("10.0.0.9")).empty());
  CHECK(names("").empty());
  CHECK(names(v4("10.0.0.9") + v4("10.0.0.2").substr(0, 127)).empty());  // cut
  sockaddr_storage other{};
  other.ss_family = AF_UNIX;
  CHECK(names(v4("10.0.0.9") + bytes_of(other)).empty());
}

TEST_CASE("unix names: one closing NUL of a path goes, every byte of an abstract name stays") {
  unix_diag_msg head{};
  head.udiag_family = AF_UNIX;
  head.udiag_type = SOCK_STREAM;
  head.udiag_state = 10;
  head.udiag_ino = 42;
  const struct {
    std::string given;
    std::string name;
  } rows[] = {{std::string("/run/x.sock\0", 12), "/run/x.sock"},
              {std::string("/run/x\0\0", 8), std::string("/run/x\0", 7)},
              {std::string("\0abs\0", 5), std::string("\0abs\0", 5)},
              {"/new\nline", "/new\nline"},
              {"", ""}};
  for (const auto& row : rows) {
    CHECK(only(bytes_of(head) + attribute(UNIX_DIAG_NAME, row.given), kUnix).name == row.name);
  }
  const unix_diag_rqlen queues{2, 64};
  const auto socket = only(bytes_of(head) + attribute(UNIX_DIAG_RQLEN, bytes_of(queues)) +
                               attribute(UNIX_DIAG_PEER, bytes_of(std::uint32_t{43})) +
                               attribute(7, bytes_of(std::uint32_t{1000})),
                           kUnix);
  CHECK(socket.state == SocketState::Listen);
  CHECK(socket.queues == schema::Queues{2, 0});
  CHECK(socket.backlog == 64);
  CHECK(socket.peer == schema::Inode(43));
  CHECK(socket.uid == schema::Uid(1000));
}

TEST_CASE("a packet socket's filter is handed out beside it; an empty one is not known") {
  packet_diag_msg head{};
  head.pdiag_family = AF_PACKET;
  head.pdiag_type = SOCK_RAW;
  head.pdiag_num = 0x0800;
  DumpContent content;
  const std::string program(24, 'i');
  static_cast<void>(decode(
      message(SOCK_DIAG_BY_FAMILY, bytes_of(head) + attribute(PACKET_DIAG_FILTER, program)) +
          message(SOCK_DIAG_BY_FAMILY, bytes_of(head) + attribute(PACKET_DIAG_FILTER, "")) +
          message(SOCK_DIAG_BY_FAMILY, bytes_of(head) + attribute(PACKET_DIAG_FILTER, "12345")),
      kPacket,
      content));
  REQUIRE(content.sockets.size() == 2);
  CHECK(content.malformed == 1);
  CHECK(content.sockets[0].filter_length == 3U);
  CHECK_FALSE(content.sockets[1].filter_length);
  REQUIRE(content.filters.size() == 1);
  CHECK(content.filters[0].socket == 0);
  CHECK(content.filters[0].instructions == program);
}

TEST_CASE("a packet socket is promiscuous when one of its memberships says so") {
  packet_diag_msg head{};
  head.pdiag_family = AF_PACKET;
  head.pdiag_type = SOCK_RAW;
  packet_diag_mclist multicast{};
  multicast.pdmc_type = PACKET_MR_MULTICAST;
  multicast.pdmc_count = 1;
  packet_diag_mclist promiscuous = multicast;
  promiscuous.pdmc_type = PACKET_MR_PROMISC;
  const struct {
    std::string list;
    std::optional<bool> told;
  } rows[] = {{"", false},
              {bytes_of(multicast), false},
              {bytes_of(multicast) + bytes_of(promiscuous), true},
              {bytes_of(promiscuous).substr(0, 40), false}};
  for (const auto& row : rows) {
    CHECK(only(bytes_of(head) + attribute(PACKET_DIAG_MCLIST, row.list), kPacket).promiscuous ==
          row.told);
  }
  CHECK_FALSE(only(bytes_of(head), kPacket).promiscuous);
}

TEST_CASE("how a dump ends") {
  const struct {
    std::string bytes;
    bool done;
    bool interrupted;
    int error_number;
  } rows[] = {
      {ended(0), true, false, 0},
      {ended(-ENOENT), true, false, ENOENT},  // a missing diag module looks like an empty table
      {ended(0, NLM_F_MULTI | NLM_F_DUMP_INTR), true, true, 0},
      {message(NLMSG_ERROR, bytes_of(std::int32_t{-EPERM}), 0), true, false, EPERM},
      {message(NLMSG_DONE, ""), true, false, EBADMSG},
      {message(NLMSG_DONE, bytes_of(std::int32_t{5})), true, false, EBADMSG},
      {message(NLMSG_DONE, bytes_of(std::int32_t{0}), 0, kSequence + 1), false, false, 0},
      {message(NLMSG_NOOP, ""), false, false, 0},
      {"", false, false, 0},
  };
  for (std::size_t at = 0; at < std::size(rows); ++at) {
    INFO("row " << at);
    DumpContent content;
    const auto step = decode(rows[at].bytes, kTcp4, content);
    CHECK(step.done == rows[at].done);
    CHECK(step.interrupted == rows[at].interrupted);
    CHECK(step.error_number == rows[at].error_number);
    CHECK(content.sockets.empty());
    CHECK(content.malformed == 0);
  }
}

TEST_CASE("every cut of a datagram gives whole sockets and a count, nothing else") {
  const auto one = message(SOCK_DIAG_BY_FAMILY, bytes_of(inet(AF_INET, 1)));
  const auto three = one + one + one;
  for (std::size_t size = 0; size <= three.size(); ++size) {
    INFO(size);
    DumpContent content;
    const auto step = decode(three.substr(0, size), kTcp4, content);
    CHECK_FALSE(step.done);
    CHECK(content.sockets.size() == size / one.size());
    CHECK(content.malformed == (size % one.size() == 0 ? 0U : 1U));
  }
}

TEST_CASE("a message of another family or kind is counted, not taken") {
  DumpContent content;
  static_cast<void>(decode(message(SOCK_DIAG_BY_FAMILY, bytes_of(inet(AF_INET6, 1))) +
                               message(1234, bytes_of(inet(AF_INET, 1))),
                           kTcp4,
                           content));
  CHECK(content.sockets.empty());
  CHECK(content.malformed == 2);
}

TEST_CASE("what an errno says about a table") {
  using recorder::DumpOutcome;
  const struct {
    int number;
    DumpOutcome outcome;
  } rows[] = {{ENOENT, DumpOutcome::Missing},
              {EPROTONOSUPPORT, DumpOutcome::Missing},
              {EOPNOTSUPP, DumpOutcome::Missing},
              {EPERM, DumpOutcome::Denied},
              {EAGAIN, DumpOutcome::TimedOut},
              {ENOBUFS, DumpOutcome::Interrupted},
              {EMSGSIZE, DumpOutcome::Truncated},
              {EINVAL, DumpOutcome::Failed},
              {EBADMSG, DumpOutcome::Failed}};
  for (const auto& row : rows) {
    CHECK(recorder::classify_dump_error(row.number) == row.outcome);
  }
}
