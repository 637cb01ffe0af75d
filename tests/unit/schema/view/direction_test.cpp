#include "schema/view/direction.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using schema::Direction;
using schema::DirectionEvidence;
using schema::DirectionFinder;
using schema::Protocol;
using schema::SnapshotView;
using schema::Way;
using test::Scene;

namespace {

std::optional<Direction> direction_of(Scene& scene, schema::SocketIndex index) {
  const SnapshotView view(scene.snapshot);
  return DirectionFinder(view).find(scene.at(index));
}

constexpr Direction kInbound{Way::Inbound, DirectionEvidence::Listener};
constexpr Direction kOutboundHere{Way::Outbound, DirectionEvidence::PeerListener};

}  // namespace

TEST_CASE("a listener on the local port makes a connection inbound") {
  struct Row {
    const char* listener;
    const char* end;
    const char* peer;
    bool inbound;
  };
  const Row row =
      GENERATE(values<Row>({{"0.0.0.0 50000", "10.0.0.1 50000", "192.0.2.1 443", true},
                            {"10.0.0.1 50000", "10.0.0.1 50000", "192.0.2.1 443", true},
                            {"10.0.0.2 50000", "10.0.0.1 50000", "192.0.2.1 443", false},
                            {"0.0.0.0 50001", "10.0.0.1 50000", "192.0.2.1 443", false},
                            {":: 50000", "::ffff:10.0.0.1 50000", "::ffff:192.0.2.1 443", true},
                            {":: 50000", "2001:db8::1 50000", "2001:db8::2 443", true},
                            {"0.0.0.0 50000", "2001:db8::1 50000", "2001:db8::2 443", false}}));
  CAPTURE(row.listener, row.end, row.peer);
  Scene scene;
  scene.socket(Protocol::Tcp, row.listener);
  const auto connection = scene.socket(Protocol::Tcp, row.end, row.peer);
  const auto direction = direction_of(scene, connection);
  REQUIRE(direction);
  CHECK((*direction == kInbound) == row.inbound);
}

TEST_CASE("a listener of another namespace or protocol says nothing") {
  Scene scene;
  const auto listener = scene.socket(Protocol::Tcp, "0.0.0.0 8080");
  const auto connection = scene.socket(Protocol::Tcp, "10.0.0.1 8080", "192.0.2.1 8081");
  CHECK(direction_of(scene, connection) == kInbound);
  SECTION("namespace") {
    scene.at(listener).netns = scene.netns("blue");
  }
  SECTION("protocol") {
    scene.at(listener).protocol = Protocol::Sctp;
  }
  CHECK_FALSE(direction_of(scene, connection));
}

TEST_CASE("an IPv6-only listener takes no IPv4") {
  Scene scene;
  const auto listener = scene.socket(Protocol::Tcp, ":: 8080");
  const auto connection =
      scene.socket(Protocol::Tcp, "::ffff:10.0.0.1 8080", "::ffff:192.0.2.1 8081");
  CHECK(direction_of(scene, connection) == kInbound);
  scene.at(listener).v6only = true;
  CHECK_FALSE(direction_of(scene, connection));
}

TEST_CASE("of a conversation within the host, each end has its own direction") {
  Scene scene;
  scene.socket(Protocol::Tcp, ":: 8080");
  const auto client = scene.socket(Protocol::Tcp, "10.0.0.1 500", "10.0.0.1 8080");
  const auto server = scene.socket(Protocol::Tcp, "::ffff:10.0.0.1 8080", "::ffff:10.0.0.1 500");
  CHECK(direction_of(scene, client) == kOutboundHere);
  CHECK(direction_of(scene, server) == kInbound);
}

TEST_CASE("the port rule is a guess, and silent when it cannot tell") {
  struct Row {
    const char* end;
    const char* peer;
    std::optional<Way> way;
  };
  const Row row = GENERATE(values<Row>({{"10.0.0.1 40000", "192.0.2.1 443", Way::Outbound},
                                        {"10.0.0.1 443", "192.0.2.1 40000", Way::Inbound},
                                        {"10.0.0.1 32768", "192.0.2.1 32767", Way::Outbound},
                                        {"10.0.0.1 60999", "192.0.2.1 61000", Way::Outbound},
                                        {"10.0.0.1 40000", "192.0.2.1 40001", std::nullopt},
                                        {"10.0.0.1 22", "192.0.2.1 80", std::nullopt}}));
  CAPTURE(row.end, row.peer);
  Scene scene;
  const auto direction = direction_of(scene, scene.socket(Protocol::Tcp, row.end, row.peer));
  REQUIRE(direction.has_value() == row.way.has_value());
  if (direction) {
    CHECK(direction->way == *row.way);
    CHECK(direction->evidence == DirectionEvidence::PortRule);
  }
}

TEST_CASE("listeners have no direction") {
  Scene scene;
  CHECK_FALSE(direction_of(scene, scene.socket(Protocol::Tcp, "0.0.0.0 80")));
  CHECK_FALSE(direction_of(scene, scene.socket(Protocol::Udp, "0.0.0.0 53")));
}

TEST_CASE("an earlier listener is evidence where it may have accepted the connection") {
  struct Row {
    const char* end;
    std::int64_t listener_last;  // it began with snapshot 10
    std::int64_t first_seen;
    bool inbound;
  };
  // The scene is snapshot 42; 40000 is a port that the kernel gives to clients, 443 is none.
  const Row row = GENERATE(values<Row>({{"10.0.0.1 40000", 41, 42, true},
                                        {"10.0.0.1 40000", 40, 42, false},
                                        {"10.0.0.1 40000", 30, 31, true},
                                        {"10.0.0.1 40000", 29, 31, false},
                                        {"10.0.0.1 443", 41, 42, true},
                                        {"10.0.0.1 443", 11, 42, true}}));
  CAPTURE(row.end, row.listener_last, row.first_seen);
  Scene scene;
  const auto connection = scene.socket(Protocol::Tcp, row.end, "192.0.2.1 444");
  Scene earlier;
  const auto listener =
      earlier.socket(Protocol::Tcp, std::string("0.0.0.0 ") + std::string(row.end).substr(9));
  schema::ListenerPast past;
  past.add({"host", Protocol::Tcp, scene.at(connection).local_port},
           schema::listening_end(earlier.at(listener)),
           {schema::Seq(10), schema::Seq(row.listener_last)});
  const SnapshotView view(scene.snapshot);
  const auto found =
      DirectionFinder(view, &past).find(scene.at(connection), schema::Seq(row.first_seen));
  CHECK((found == Direction{Way::Inbound, DirectionEvidence::EarlierListener}) == row.inbound);
}

TEST_CASE("an earlier listener elsewhere says nothing") {
  Scene scene;
  const auto connection = scene.socket(Protocol::Tcp, "10.0.0.1 443", "192.0.2.1 444");
  Scene earlier;
  const auto listener = earlier.socket(Protocol::Tcp, "10.0.0.2 443");
  const SnapshotView view(scene.snapshot);
  const schema::SeqRange seen{schema::Seq(1), schema::Seq(41)};
  const auto found = [&](const char* netns, Protocol protocol, std::uint16_t port) {
    schema::ListenerPast past;
    past.add(
        {netns, protocol, schema::Port(port)}, schema::listening_end(earlier.at(listener)), seen);
    return DirectionFinder(view, &past).find(scene.at(connection), schema::Seq(42)).has_value();
  };
  CHECK_FALSE(found("host", Protocol::Tcp, 443));  // another address
  earlier.at(listener).local_address = schema::IpAddress();
  CHECK(found("host", Protocol::Tcp, 443));
  CHECK_FALSE(found("blue", Protocol::Tcp, 443));
  CHECK_FALSE(found("host", Protocol::Sctp, 443));
  CHECK_FALSE(found("host", Protocol::Tcp, 444));
}

TEST_CASE("what lives at the snapshot listens there, though the view holds a part of it") {
  Scene scene;
  const auto connection = scene.socket(Protocol::Tcp, "10.0.0.1 40000", "192.0.2.1 444");
  schema::ListenerPast past;
  past.add({"host", Protocol::Tcp, schema::Port(40000)},
           {schema::IpAddress(), true, true, false},
           {schema::Seq(42), schema::Seq(50)});
  const SnapshotView view(scene.snapshot);
  CHECK(DirectionFinder(view, &past).find(scene.at(connection)) == kInbound);
}

TEST_CASE("both ends at one address are on this host") {
  Scene scene;
  scene.socket(Protocol::Tcp, "10.0.0.1 8080");
  const auto client = scene.socket(Protocol::Tcp, "10.0.0.1 500", "10.0.0.1 8080");
  CHECK(direction_of(scene, client) == kOutboundHere);
}

}  // namespace sockwitness
