// Against the kernel that runs the tests: its own namespace needs no rights.
#include "recorder/netlink/netlink_source.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"

using namespace sockwitness;
using recorder::UniqueFd;
using schema::Protocol;
using schema::SocketState;

namespace {

recorder::NetnsHandle own_namespace() {
  recorder::NetnsHandle handle;
  const auto status = recorder::stat_at(AT_FDCWD, "/proc/self/ns/net");
  REQUIRE(status.ok());
  handle.inode = schema::Inode(status.value().st_ino);
  return handle;
}

schema::Inode inode_of(const UniqueFd& socket) {
  struct stat status {};
  REQUIRE(::fstat(socket.get(), &status) == 0);
  return schema::Inode(status.st_ino);
}

const schema::Socket* find(const recorder::SocketReading& reading, schema::Inode inode) {
  const auto at = std::find_if(reading.sockets.begin(),
                               reading.sockets.end(),
                               [&](const auto& socket) { return socket.inode == inode; });
  return at == reading.sockets.end() ? nullptr : &*at;
}

UniqueFd bound_inet(int type, int protocol) {
  UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC, protocol));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket.valid()) {
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }
  return socket;
}

}  // namespace

TEST_CASE("sockets of this process are seen, with what they are") {
  const auto listener = bound_inet(SOCK_STREAM, 0);
  REQUIRE(::listen(listener.get(), 7) == 0);
  const auto datagram = bound_inet(SOCK_DGRAM, 0);
  const UniqueFd local(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string wanted = std::string("\0sockwitness\n", 13) + std::to_string(::getpid());
  std::memcpy(name.sun_path, wanted.data(), wanted.size());
  REQUIRE(::bind(local.get(),
                 reinterpret_cast<sockaddr*>(&name),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + wanted.size())) == 0);

  recorder::NetlinkSource source;
  const auto reading = source.read_sockets(own_namespace());

  const auto* tcp = find(reading, inode_of(listener));
  REQUIRE(tcp != nullptr);
  CHECK(tcp->protocol == Protocol::Tcp);
  CHECK(tcp->state == SocketState::Listen);
  CHECK(tcp->local_address.text() == "127.0.0.1");
  CHECK(tcp->uid == schema::Uid(::geteuid()));
  const auto* udp = find(reading, inode_of(datagram));
  REQUIRE(udp != nullptr);
  CHECK(udp->state == SocketState::Unconnected);
  const auto* unix_socket = find(reading, inode_of(local));
  if (unix_socket == nullptr) {
    std::cout << "skipped: this kernel has no unix_diag\n";
  } else {
    CHECK(unix_socket->name == wanted);
  }
}

// The older question must leave out nothing that the two newer ones tell. Sockets come and go on a
// host; those of this test stay.
TEST_CASE("TCP of both families at once is the same as one after the other") {
  const auto four = bound_inet(SOCK_STREAM, 0);
  REQUIRE(::listen(four.get(), 7) == 0);
  const auto idle = bound_inet(SOCK_STREAM, 0);
  const UniqueFd six(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int only = 1;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_any;
  REQUIRE(::setsockopt(six.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) == 0);
  REQUIRE(::bind(six.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  REQUIRE(::listen(six.get(), 9) == 0);

  std::vector<std::byte> buffer;
  auto connection = recorder::DiagConnection::open(buffer);
  REQUIRE(connection.ok());
  recorder::DumpContent at_once;
  REQUIRE(connection.value().read_dump(recorder::kAllTcp, at_once).outcome ==
          recorder::DumpOutcome::Complete);
  CHECK(at_once.malformed == 0);
  recorder::DumpContent in_turn;
  for (const auto family : {schema::Family::Ipv4, schema::Family::Ipv6}) {
    REQUIRE(connection.value().read_dump({Protocol::Tcp, family}, in_turn).outcome ==
            recorder::DumpOutcome::Complete);
  }
  std::map<schema::Inode, schema::Socket> others;
  for (const auto& socket : in_turn.sockets) {
    others.emplace(socket.inode, socket);
  }
  std::set<schema::Inode> compared;
  for (auto socket : at_once.sockets) {
    const bool mine = socket.inode == inode_of(four) || socket.inode == inode_of(idle) ||
                      socket.inode == inode_of(six);
    const auto other = others.find(socket.inode);
    if (mine && other != others.end()) {
      CHECK(socket == other->second);
      compared.insert(socket.inode);
    }
  }
  CHECK(compared.contains(inode_of(four)));
  CHECK(compared.contains(inode_of(six)));
  // Newer kernels list bound sockets that do nothing yet.
  CHECK(compared.contains(inode_of(idle)) == others.contains(inode_of(idle)));
}

TEST_CASE("raw sockets are seen with and without a diag module") {
  const UniqueFd raw(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_GRE));
  if (!raw.valid()) {
    std::cout << "skipped: no right to open a raw socket\n";
    return;
  }
  recorder::NetlinkSource source;
  for (int round = 0; round < 2; ++round) {  // the second one knows that the module is missing
    const auto reading = source.read_sockets(own_namespace());
    const auto* socket = find(reading, inode_of(raw));
    REQUIRE(socket != nullptr);
    CHECK(socket->protocol == Protocol::Raw);
    CHECK(socket->local_port == schema::Port(IPPROTO_GRE));
  }
}

TEST_CASE("no socket comes twice, and those of the source do not come at all") {
  recorder::NetlinkSource source;
  const auto reading = source.read_sockets(own_namespace());
  std::vector<std::uint64_t> cookies;
  for (const auto& socket : reading.sockets) {
    if (socket.cookie.value() != 0) {
      cookies.push_back(socket.cookie.value());
    }
    CHECK_FALSE((socket.protocol == Protocol::Netlink &&
                 socket.port_id == static_cast<std::uint32_t>(::getpid())));
  }
  std::sort(cookies.begin(), cookies.end());
  CHECK(std::adjacent_find(cookies.begin(), cookies.end()) == cookies.end());
}

TEST_CASE("a namespace without a way in is a gap, not an empty one") {
  recorder::NetlinkSource source;
  recorder::NetnsHandle handle;
  handle.inode = schema::Inode(1);
  const auto reading = source.read_sockets(handle);
  CHECK(reading.sockets.empty());
  REQUIRE(reading.gaps.size() == 1);
  CHECK(reading.gaps[0].source == schema::GapSource::Namespace);
  CHECK(reading.gaps[0].reason == schema::GapReason::Permission);
}

TEST_CASE("a member that lives elsewhere by now tells nothing about the namespace") {
  recorder::NetlinkSource source;
  recorder::NetnsHandle handle;
  handle.inode = schema::Inode(1);
  handle.member = schema::Pid(::getpid());
  const auto reading = source.read_sockets(handle);
  CHECK(reading.sockets.empty());
  REQUIRE(reading.gaps.size() == 1);
  CHECK(reading.gaps[0].reason == schema::GapReason::Vanished);
}

TEST_CASE("from outside the text tables are read, and the unix table is a gap") {
  const auto listener = bound_inet(SOCK_STREAM, 0);
  REQUIRE(::listen(listener.get(), 7) == 0);
  const auto net = recorder::open_at(AT_FDCWD, "/proc/self/net", O_PATH | O_DIRECTORY);
  REQUIRE(net.ok());
  std::vector<std::byte> buffer;
  recorder::MissingHandlers missing;
  recorder::TablePass pass(buffer, net.value().get(), missing);
  pass.read_from_outside(EPERM);
  const auto reading = pass.take();
  const auto* tcp = find(reading, inode_of(listener));
  REQUIRE(tcp != nullptr);
  CHECK(tcp->state == SocketState::Listen);
  CHECK(std::count_if(reading.gaps.begin(), reading.gaps.end(), [](const schema::Gap& gap) {
          return gap.source == schema::GapSource::SocketTable &&
                 gap.object == schema::Protocol::Unix &&
                 gap.reason == schema::GapReason::Permission;
        }) == 1);
}
