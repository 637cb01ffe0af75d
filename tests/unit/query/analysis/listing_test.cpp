#include "query/analysis/listing.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::list_sockets;
using schema::Protocol;
using schema::SnapshotView;
using test::Scene;

TEST_CASE("the order of the list does not depend on the order of the snapshot") {
  Scene scene;
  scene.socket(Protocol::Udp, "0.0.0.0 53");
  scene.socket(Protocol::Tcp, "::1 22");
  scene.socket(Protocol::Tcp, "127.0.0.1 22", "127.0.0.1 9");
  scene.socket(Protocol::Tcp, "127.0.0.1 22", "127.0.0.1 8");
  scene.socket(Protocol::Tcp, "0.0.0.0 443");
  scene.socket(Protocol::Tcp, "0.0.0.0 80");
  scene.socket(Protocol::Tcp, "0.0.0.0 80");
  const std::vector<std::string> expected{"0.0.0.0 80 0 6",
                                          "0.0.0.0 80 0 7",
                                          "0.0.0.0 443 0 5",
                                          "127.0.0.1 22 8 4",
                                          "127.0.0.1 22 9 3",
                                          "::1 22 0 2",
                                          "0.0.0.0 53 0 1"};
  for (int turn = 0; turn < 7; ++turn) {
    std::rotate(scene.snapshot.sockets.begin(),
                scene.snapshot.sockets.begin() + 1,
                scene.snapshot.sockets.end());
    const SnapshotView view(scene.snapshot);
    std::vector<std::string> listed;
    for (const auto& row : list_sockets(view, {}, {})) {
      const schema::Socket& socket = view.socket(row.index);
      listed.push_back(
          socket.local_address.text() + " " + std::to_string(socket.local_port.value()) + " " +
          std::to_string(socket.remote_port.value()) + " " + std::to_string(socket.cookie.value()));
    }
    CHECK(listed == expected);
  }
}

TEST_CASE("every holder is listed, the oldest first, and lifetimes stay with their socket") {
  Scene scene;
  const auto udp = scene.socket(Protocol::Udp, "0.0.0.0 53");
  const auto tcp = scene.socket(Protocol::Tcp, "0.0.0.0 80");
  const auto younger = scene.process("worker", 20);
  const auto older = scene.process("master", 10);
  scene.hold(tcp, younger, 6);
  scene.hold(tcp, older, 7);
  scene.hold(tcp, older, 6);
  const std::vector<schema::Seen> seen{{{1}, {2}}, {{3}, {4}}};
  const SnapshotView view(scene.snapshot);
  const auto rows = list_sockets(view, {}, seen);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].index == tcp);
  CHECK(rows[0].seen->first.microseconds == 3);
  REQUIRE(rows[0].holders.size() == 3);
  CHECK(rows[0].holders[0].process == older);
  CHECK(rows[0].holders[0].fd == schema::Fd(6));
  CHECK(rows[0].holders[2].process == younger);
  CHECK(rows[1].index == udp);
  CHECK(rows[1].holders.empty());
}

TEST_CASE("names are those of the recorded host, and programs of rpcbind are found by port") {
  Scene scene;
  const auto udp = scene.socket(Protocol::Udp, "0.0.0.0 39873");
  const auto other = scene.socket(Protocol::Tcp, "0.0.0.0 39873");
  scene.snapshot.registrations = {{100024, 1, "udp", "0.0.0.0.155.193", "29"},
                                  {100024, 1, "tcp", "0.0.0.0.155.194", "29"},
                                  {100000, 4, "udp", "nonsense", "superuser"}};
  const SnapshotView view(scene.snapshot);
  CHECK(view.user_name(schema::Uid(33)) == "www-data");
  CHECK_FALSE(view.user_name(schema::Uid(34)));
  CHECK(view.rpc_programs(view.socket(udp)) == std::vector<std::uint32_t>{100024});
  CHECK(view.rpc_programs(view.socket(other)).empty());
}

}  // namespace sockwitness
