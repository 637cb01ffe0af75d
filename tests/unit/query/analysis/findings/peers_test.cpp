#include "query/analysis/findings/peers.h"

#include <catch2/catch.hpp>

#include "schema/view/ancestry.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::find_peers;
using schema::Protocol;
using schema::SocketIndex;
using test::Scene;

TEST_CASE("both ends of a conversation find each other, mapped addresses as well") {
  Scene scene;
  const auto client = scene.socket(Protocol::Tcp, "127.0.0.1 50000", "127.0.0.1 80");
  const auto server = scene.socket(Protocol::Tcp, "::ffff:127.0.0.1 80", "::ffff:127.0.0.1 50000");
  scene.socket(Protocol::Tcp, "0.0.0.0 80");
  scene.socket(Protocol::Udp, "127.0.0.1 80", "127.0.0.1 50000");
  scene.socket(Protocol::Tcp, "10.0.0.5 50000", "198.51.100.7 80");
  const auto peers = find_peers(scene.snapshot);
  CHECK(peers[client.value()] == server);
  CHECK(peers[server.value()] == client);
  for (const std::size_t at : {2U, 3U, 4U}) {
    CHECK_FALSE(peers[at]);
  }
}

TEST_CASE("an end in another namespace is found when nothing else could be meant") {
  Scene scene;
  const auto inside = scene.netns("container aa");
  const auto other = scene.netns("container bb");
  const auto client = scene.socket(Protocol::Tcp, "172.17.0.1 50000", "172.17.0.2 80");
  const auto server = scene.socket(Protocol::Tcp, "172.17.0.2 80", "172.17.0.1 50000");
  scene.at(server).netns = inside;
  CHECK(find_peers(scene.snapshot)[client.value()] == server);
  SECTION("two of them: nobody can say") {
    scene.at(scene.socket(Protocol::Tcp, "172.17.0.2 80", "172.17.0.1 50000")).netns = other;
    CHECK_FALSE(find_peers(scene.snapshot)[client.value()]);
  }
  SECTION("loopback addresses are every namespace's own") {
    const auto here = scene.socket(Protocol::Tcp, "127.0.0.1 50000", "127.0.0.1 80");
    scene.at(scene.socket(Protocol::Tcp, "127.0.0.1 80", "127.0.0.1 50000")).netns = inside;
    CHECK_FALSE(find_peers(scene.snapshot)[here.value()]);
  }
}

TEST_CASE("unix sockets say who their peer is") {
  Scene scene;
  const auto one = scene.unix_socket(schema::SocketState::Established, "");
  const auto two = scene.unix_socket(schema::SocketState::Established, "");
  const auto alone = scene.unix_socket(schema::SocketState::Unconnected, "");
  scene.at(one).peer = scene.at(two).inode;
  scene.at(two).peer = scene.at(one).inode;
  const auto peers = find_peers(scene.snapshot);
  CHECK(peers[one.value()] == two);
  CHECK(peers[two.value()] == one);
  CHECK_FALSE(peers[alone.value()]);
}

TEST_CASE("a process that started later is nobody's parent") {
  Scene scene;
  const auto parent = scene.process("parent", 10);
  const auto child = scene.process("child", 20);
  scene.at(child).parent = schema::Pid(10);
  const schema::SnapshotView view(scene.snapshot);
  CHECK(schema::Ancestry(view).parent(scene.at(child)) == parent);
  CHECK(schema::Ancestry(view).ancestors(scene.at(child)) == std::vector{parent});
  scene.at(parent).start = schema::BootTime{scene.at(child).start.nanoseconds + 1};
  CHECK_FALSE(schema::Ancestry(view).parent(scene.at(child)));
  CHECK(schema::Ancestry(view).ancestors(scene.at(child)).empty());
}

}  // namespace sockwitness
