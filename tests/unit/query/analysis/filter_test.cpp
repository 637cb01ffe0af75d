#include "query/analysis/filter.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::Filter;
using schema::Protocol;
using schema::SnapshotView;
using schema::SocketState;
using test::Scene;

namespace {

// Every kind of socket that the reaches and families tell apart, named by its inode.
struct Crowd {
  Scene scene;
  schema::SocketIndex listener = scene.socket(Protocol::Tcp, "0.0.0.0 80");
  schema::SocketIndex connection = scene.socket(Protocol::Tcp, "10.0.0.1 40000", "192.0.2.7 443");
  schema::SocketIndex datagram = scene.socket(Protocol::Udp, "0.0.0.0 53");
  schema::SocketIndex six = scene.socket(Protocol::Tcp, ":: 8080");
  schema::SocketIndex bound = scene.socket(Protocol::Tcp, "0.0.0.0 7000");
  schema::SocketIndex unbound = scene.socket(Protocol::Tcp, "0.0.0.0 0");
  schema::SocketIndex raw = scene.socket(Protocol::Raw, "0.0.0.0 1");
  schema::SocketIndex local = scene.unix_socket(SocketState::Listen, "/run/x");
  schema::SocketIndex pair = scene.unix_socket(SocketState::Established, "");

  Crowd() {
    scene.at(bound).state = SocketState::Close;
    scene.at(unbound).state = SocketState::Unbound;
  }

  std::vector<schema::SocketIndex> select(const Filter& filter) {
    const SnapshotView view(scene.snapshot);
    std::vector<schema::SocketIndex> selected;
    for (std::uint32_t at = 0; at < scene.snapshot.sockets.size(); ++at) {
      if (query::matches(filter, view, schema::SocketIndex(at))) {
        selected.emplace_back(at);
      }
    }
    return selected;
  }
};

using Selected = std::vector<schema::SocketIndex>;

}  // namespace

TEST_CASE("a user is meant by each of the names and by the number") {
  Scene scene;
  const auto socket = scene.socket(Protocol::Tcp, "0.0.0.0 80");
  scene.at(socket).uid = schema::Uid(33);
  scene.snapshot.users = {
      {schema::Uid(33), "www-data"}, {schema::Uid(7), "lp"}, {schema::Uid(33), "alias"}};
  const SnapshotView view(scene.snapshot);
  CHECK(view.user_name(schema::Uid(33)) == "www-data");  // the first is shown
  const auto meant = [&](const std::string& user) {
    Filter filter;
    filter.users = {user};
    return query::matches(filter, view, socket);
  };
  CHECK(meant("www-data"));
  CHECK(meant("alias"));
  CHECK(meant("33"));
  CHECK_FALSE(meant("lp"));
  CHECK_FALSE(meant("7"));
  CHECK_FALSE(meant(""));
}

TEST_CASE("without a filter, listening and connected internet sockets are meant") {
  Crowd crowd;
  CHECK(crowd.select({}) ==
        Selected{crowd.listener, crowd.connection, crowd.datagram, crowd.six, crowd.raw});
}

TEST_CASE("reach and families choose the sockets") {
  Crowd crowd;
  Filter filter;
  SECTION("listening") {
    filter.breadth = query::Breadth::Listening;
    CHECK(crowd.select(filter) == Selected{crowd.listener, crowd.datagram, crowd.six, crowd.raw});
  }
  SECTION("all states") {
    filter.breadth = query::Breadth::All;
    CHECK(crowd.select(filter).size() == 6);
  }
  SECTION("unix, listening") {
    filter.breadth = query::Breadth::Listening;
    filter.protocols = {Protocol::Unix};
    CHECK(crowd.select(filter) == Selected{crowd.local});
  }
  SECTION("unix") {
    filter.protocols = {Protocol::Unix};
    CHECK(crowd.select(filter) == Selected{crowd.local, crowd.pair});
  }
  SECTION("udp") {
    filter.protocols = {Protocol::Udp};
    CHECK(crowd.select(filter) == Selected{crowd.datagram});
  }
  SECTION("IPv6") {
    filter.family = schema::Family::Ipv6;
    CHECK(crowd.select(filter) == Selected{crowd.six});
  }
  SECTION("unbound sockets only on request") {
    filter.states = query::parse_state_set("unbound");
    CHECK(crowd.select(filter) == Selected{crowd.unbound});
  }
  SECTION("of a family without addresses all are shown to whoever names it") {
    const auto crypto = crowd.scene.socket(Protocol::Other, "0.0.0.0 0");
    crowd.scene.at(crypto).state = SocketState::Unbound;
    filter.protocols = {Protocol::Other};
    CHECK(crowd.select(filter) == Selected{crypto});
  }
  SECTION("ports of either end") {
    filter.ports = {{schema::Port(443), schema::Port(443)}, {schema::Port(50), schema::Port(60)}};
    CHECK(crowd.select(filter) == Selected{crowd.connection, crowd.datagram});
  }
  SECTION("the far end of a listener is no address") {
    filter.remote = {*schema::parse_address_pattern("0.0.0.0/0")};
    CHECK(crowd.select(filter) == Selected{crowd.connection});
  }
  SECTION("own end") {
    filter.local = {*schema::parse_address_pattern("10.0.0.0/24")};
    CHECK(crowd.select(filter) == Selected{crowd.connection});
  }
}

TEST_CASE("holders are matched by any of them") {
  Crowd crowd;
  const auto master = crowd.scene.process("nginx", 10, "/usr/sbin/nginx");
  const auto worker = crowd.scene.process("worker", 11, "/usr/bin/python3.11");
  crowd.scene.at(worker).script = "/opt/app/run.py";
  crowd.scene.at(worker).effective_uid = schema::Uid(33);
  crowd.scene.at(worker).unit = "app.service";
  crowd.scene.at(worker).container = "4f1c2d3e4f5a";
  crowd.scene.hold(crowd.listener, master, 3);
  crowd.scene.hold(crowd.listener, worker, 3);
  struct Row {
    const char* what;
    bool matches;
    void (*set)(Filter&);
  };
  const Row row = GENERATE(values<Row>({
      {"part of a name", true, [](Filter& f) { f.programs = {"ngin"}; }},
      {"path", true, [](Filter& f) { f.programs = {"/usr/bin/python"}; }},
      {"glob on the base name", true, [](Filter& f) { f.programs = {"python3*"}; }},
      {"script", true, [](Filter& f) { f.programs = {"run.py"}; }},
      {"other program", false, [](Filter& f) { f.programs = {"apache"}; }},
      {"glob that fits nothing", false, [](Filter& f) { f.programs = {"pytho?"}; }},
      {"pid", true, [](Filter& f) { f.pids = {schema::Pid(11)}; }},
      {"other pid", false, [](Filter& f) { f.pids = {schema::Pid(12)}; }},
      {"holder's user", true, [](Filter& f) { f.users = {"www-data"}; }},
      {"holder's uid", true, [](Filter& f) { f.users = {"33"}; }},
      {"other user", false, [](Filter& f) { f.users = {"nobody"}; }},
      {"unit", true, [](Filter& f) { f.units = {"app.service"}; }},
      {"unit without suffix", true, [](Filter& f) { f.units = {"app"}; }},
      {"part of a unit", false, [](Filter& f) { f.units = {"ap"}; }},
      {"container", true, [](Filter& f) { f.containers = {"4f1c"}; }},
      {"other container", false, [](Filter& f) { f.containers = {"5f1c"}; }},
      {"both or none",
       false,
       [](Filter& f) {
         f.units = {"app"};
         f.programs = {"apache"};
       }},
  }));
  CAPTURE(row.what);
  Filter filter;
  row.set(filter);
  filter.ports = {{schema::Port(80), schema::Port(80)}};
  CHECK(crowd.select(filter).size() == (row.matches ? 1U : 0U));
}

TEST_CASE("namespaces are matched by label") {
  Crowd crowd;
  crowd.scene.at(crowd.listener).netns = crowd.scene.netns("container 4f1c");
  Filter filter;
  filter.namespaces = {"container*"};
  CHECK(crowd.select(filter) == Selected{crowd.listener});
}

TEST_CASE("states go by netstat's and ss's words") {
  const char* known = GENERATE("LISTEN",
                               "listening",
                               "ESTABLISHED",
                               "estab",
                               "time-wait",
                               "TIME_WAIT",
                               "fin-wait-1",
                               "unconn",
                               "connected",
                               "synchronized",
                               "bucket",
                               "big",
                               "all",
                               "unbound");
  CAPTURE(known);
  CHECK(query::parse_state_set(known));
  CHECK_FALSE(query::parse_state_set("lisen"));
  CHECK_FALSE(query::parse_state_set(""));
  CHECK(query::parse_state_set("connected")->size() == 9);
}

TEST_CASE("socket tables go by ss's words") {
  CHECK(query::parse_socket_table("inet")->size() == 8);
  CHECK(query::parse_socket_table("all")->size() == 13);
  CHECK(*query::parse_socket_table("vsock") == query::ProtocolSet{Protocol::Vsock});
  CHECK_FALSE(query::parse_socket_table("tpc"));
}

}  // namespace sockwitness
