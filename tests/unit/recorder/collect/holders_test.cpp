#include "recorder/collect/holders.h"

#include <map>
#include <random>

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using schema::NoHolderReason;
using schema::SocketState;

schema::Socket socket(std::uint64_t inode, SocketState state) {
  schema::Socket made;
  made.inode = schema::Inode(inode);
  made.state = state;
  return made;
}

}  // namespace

TEST_CASE("every holder of a shared socket is kept") {
  const std::vector<schema::Socket> sockets{socket(11, SocketState::Listen),
                                            socket(0, SocketState::TimeWait),
                                            socket(12, SocketState::Established)};
  SocketsByInode index(sockets);
  const auto holders = join_holders(index,
                                    {{schema::ProcessIndex(0), schema::Fd(3), schema::Inode(11)},
                                     {schema::ProcessIndex(1), schema::Fd(3), schema::Inode(11)},
                                     {schema::ProcessIndex(1), schema::Fd(4), schema::Inode(11)},
                                     {schema::ProcessIndex(1), schema::Fd(5), schema::Inode(99)},
                                     {schema::ProcessIndex(1), schema::Fd(6), schema::Inode(0)}});
  REQUIRE(holders.size() == 3);
  for (const auto& holder : holders) {
    CHECK(holder.socket == schema::SocketIndex(0));
  }
}

// An MPTCP listener stands in the tables of MPTCP and of TCP.
TEST_CASE("a socket that is listed twice is held twice") {
  const std::vector<schema::Socket> sockets{socket(11, SocketState::Listen),
                                            socket(11, SocketState::Listen)};
  SocketsByInode index(sockets);
  const auto holders =
      join_holders(index, {{schema::ProcessIndex(0), schema::Fd(3), schema::Inode(11)}});
  REQUIRE(holders.size() == 2);
  CHECK(holders[0].socket != holders[1].socket);
}

TEST_CASE("holders are found in whatever order descriptors come") {
  std::mt19937 engine(1);
  std::vector<schema::Socket> sockets;
  std::vector<SocketDescriptor> descriptors;
  std::multimap<std::uint64_t, std::uint32_t> expected;
  for (std::uint32_t at = 0; at < 300; ++at) {
    const std::uint64_t inode = engine() % 200;
    sockets.push_back(socket(inode, SocketState::Established));
    expected.emplace(inode, at);
  }
  for (int at = 0; at < 2000; ++at) {
    const std::uint64_t inode = at % 3 == 0 ? engine() % 220 : static_cast<std::uint64_t>(at) % 220;
    descriptors.push_back({schema::ProcessIndex(0), schema::Fd(at), schema::Inode(inode)});
  }
  SocketsByInode index(sockets);
  const auto holders = join_holders(index, descriptors);
  std::size_t next = 0;
  for (const SocketDescriptor& descriptor : descriptors) {
    const auto [first, last] = expected.equal_range(descriptor.inode.value());
    for (auto found = first; descriptor.inode != schema::Inode() && found != last; ++found) {
      REQUIRE(next < holders.size());
      REQUIRE(holders[next].fd == descriptor.fd);
      REQUIRE(holders[next++].socket == schema::SocketIndex(found->second));
    }
  }
  CHECK(next == holders.size());
  CHECK(next > 1000);
}

TEST_CASE("a socket without a holder says why") {
  struct Row {
    std::uint64_t inode;
    SocketState state;
    bool refused, unread, all_namespaces;
    NoHolderReason reason;
  };
  const Row row = GENERATE(values<Row>(
      {{0, SocketState::TimeWait, false, false, true, NoHolderReason::TimeWait},
       {0, SocketState::TimeWait, true, false, true, NoHolderReason::TimeWait},
       {0, SocketState::FinWait1, false, false, true, NoHolderReason::Orphaned},
       {0, SocketState::FinWait2, false, false, true, NoHolderReason::Orphaned},
       {0, SocketState::LastAck, false, false, true, NoHolderReason::Orphaned},
       {0, SocketState::Closing, false, false, true, NoHolderReason::Orphaned},
       {0, SocketState::SynRecv, false, false, true, NoHolderReason::NotAccepted},
       {0, SocketState::Established, false, false, true, NoHolderReason::NotAccepted},
       {0, SocketState::Listen, false, false, true, NoHolderReason::Kernel},
       {5, SocketState::Established, false, false, true, NoHolderReason::Kernel},
       {5, SocketState::Established, true, false, true, NoHolderReason::Permission},
       {5, SocketState::Established, true, false, false, NoHolderReason::Permission},
       {5, SocketState::Established, false, true, true, NoHolderReason::Unread},
       {5, SocketState::Established, false, true, false, NoHolderReason::Unread},
       {5, SocketState::Established, true, true, false, NoHolderReason::Permission},
       {5, SocketState::Established, false, false, false, NoHolderReason::OtherPidNamespace}}));
  std::vector<schema::Socket> sockets{socket(row.inode, row.state)};
  explain_missing_holders(sockets, {}, {row.refused, row.unread, row.all_namespaces});
  CHECK(sockets[0].no_holder == row.reason);
}

TEST_CASE("a socket with a holder needs no reason, and loses an old one") {
  std::vector<schema::Socket> sockets{socket(5, SocketState::Listen),
                                      socket(6, SocketState::Listen)};
  sockets[0].no_holder = NoHolderReason::Permission;
  sockets[1].no_holder = NoHolderReason::Kernel;  // the source knows
  explain_missing_holders(sockets,
                          {{schema::SocketIndex(0), schema::ProcessIndex(0), schema::Fd(3)}},
                          {true, false, true});
  CHECK(sockets[0].no_holder == NoHolderReason::None);
  CHECK(sockets[1].no_holder == NoHolderReason::Kernel);
}

}  // namespace sockwitness::recorder
