// Owners, restarts and brackets of one thing over a few snapshots.
#include "query/analysis/history/when.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/scene.h"

namespace sockwitness {

using query::EventSnapshot;
using query::Observation;
using query::ObservedThings;
using query::WhenBuilder;
using query::WhenInterval;
using schema::Protocol;
using schema::Seq;
using test::Scene;

namespace {

// What one snapshot shows of port 80.
struct Look {
  std::vector<std::pair<const char*, int>> holders =
      {};                    // name and pid; none: the port is not there
  std::uint64_t socket = 1;  // its cookie
  const char* boot = "a";
  bool hidden = false;  // TCP could not be read
  std::vector<const char*> peers = {};
};

std::vector<WhenInterval> build(const std::vector<Look>& looks) {
  WhenBuilder builder;
  std::int64_t seq = 0;
  for (const Look& look : looks) {
    Scene scene(++seq);
    scene.snapshot.context.boot_id = look.boot;
    auto view = std::make_shared<schema::Visibility>();
    view->namespaces = scene.snapshot.namespaces;
    if (look.hidden) {
      view->gaps.emplace_back();
      view->gaps.back().source = schema::GapSource::SocketTable;
      view->gaps.back().object = schema::Protocol::Tcp;
    }
    Observation observation{{Seq(seq), Seq(seq)}, {}, {}, std::move(view)};
    std::vector<schema::SocketIndex> sockets;
    std::vector<query::Identity> identities;
    if (!look.holders.empty()) {
      const auto listener = scene.socket(Protocol::Tcp, "0.0.0.0 80");
      for (const auto& [name, pid] : look.holders) {
        scene.hold(listener, scene.process(name, pid, std::string("/usr/bin/") + name), 3);
      }
      sockets.push_back(listener);
      identities.push_back({0, 0, look.socket, {}});
      schema::Endpoint endpoint;
      endpoint.netns = "host";
      endpoint.port = schema::Port(80);
      observation.places.push_back({endpoint, std::nullopt});
    }
    std::uint64_t connection = 100;
    for (const char* peer : look.peers) {
      sockets.push_back(scene.socket(Protocol::Tcp, "10.0.0.1 80", peer));
      identities.push_back({0, 0, connection++, {}});
    }
    const auto event_snapshot = std::make_shared<const EventSnapshot>(std::move(scene.snapshot));
    builder.add(std::move(observation),
                ObservedThings{event_snapshot,
                               event_snapshot->view(),
                               sockets,
                               {},
                               identities,
                               std::vector<bool>(sockets.size(), false),
                               identities});
  }
  return builder.finish();
}

}  // namespace

TEST_CASE("a thing has owners, each with the snapshots around his time") {
  const auto spans =
      build({{}, {{{"nginx", 10}}}, {{{"nginx", 10}, {"nc", 20}}}, {{{"nc", 20}}}, {}});
  REQUIRE(spans.size() == 1);
  REQUIRE(spans[0].owners.size() == 2);
  const auto& nginx = spans[0].owners[0];
  CHECK(nginx.owner.name == "nginx");
  CHECK(nginx.seen == schema::SeqRange{Seq(2), Seq(3)});
  CHECK(nginx.not_before == Seq(1));
  CHECK(nginx.not_after == Seq(4));
  const auto& nc = spans[0].owners[1];
  CHECK(nc.owner.name == "nc");
  CHECK(nc.seen == schema::SeqRange{Seq(3), Seq(4)});
  CHECK(nc.not_before == Seq(2));
  CHECK(nc.not_after == Seq(5));
  CHECK(spans[0].restarts.empty());
}

TEST_CASE("an owner who comes back is the same one") {
  const auto spans = build({{{{"a", 1}}}, {{{"b", 2}}}, {{{"a", 1}}}});
  REQUIRE(spans.size() == 1);
  REQUIRE(spans[0].owners.size() == 2);
  CHECK(spans[0].owners[0].seen == schema::SeqRange{Seq(1), Seq(3)});
  CHECK_FALSE(spans[0].owners[0].not_before);
  CHECK_FALSE(spans[0].owners[0].not_after);
  CHECK(spans[0].owners[1].not_after == Seq(3));
}

TEST_CASE("another socket within one interval is a restart, not an end") {
  const auto spans = build({{{{"a", 1}}, 1}, {{{"a", 2}}, 2}, {{{"a", 2}}, 2}});
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].restarts == std::vector{Seq(2)});
  CHECK(spans[0].span.seen == schema::SeqRange{Seq(1), Seq(3)});
  SECTION("over a reboot it is none") {
    CHECK(build({{{{"a", 1}}, 1, "a"}, {{{"a", 2}}, 2, "b"}})[0].restarts.empty());
  }
}

TEST_CASE("a snapshot that looked in vain splits, one that could not look does not") {
  SECTION("looked") {
    const auto spans = build({{{{"a", 1}}}, {}, {{{"a", 2}}, 2}});
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].span.not_after == Seq(2));
    CHECK(spans[1].span.not_before == Seq(2));
    CHECK(spans[1].owners.size() == 1);
  }
  SECTION("could not") {
    const auto spans = build({{{{"a", 1}}}, {{}, 1, "a", true}, {{{"a", 1}}}, {{}, 1, "a", true}});
    REQUIRE(spans.size() == 1);
    CHECK(spans[0].span.seen == schema::SeqRange{Seq(1), Seq(3)});
    CHECK_FALSE(spans[0].span.not_after);
    REQUIRE(spans[0].span.coverage_gaps.size() == 2);
    CHECK(spans[0].span.coverage_gaps[0].snapshots == schema::SeqRange{Seq(2), Seq(2)});
    CHECK(spans[0].owners[0].seen == schema::SeqRange{Seq(1), Seq(3)});
  }
}

TEST_CASE("a peer is counted once for each connection") {
  const auto spans = build({{{{"a", 1}}, 1, "a", false, {"192.0.2.7 5000"}},
                            {{{"a", 1}}, 1, "a", false, {"192.0.2.7 5000", "192.0.2.8 5001"}}});
  REQUIRE(spans.size() == 1);
  CHECK(spans[0].peers.size() == 2);
  CHECK(spans[0].peers.connections() == 2);
  CHECK(spans[0].peers.most_frequent(1)[0].seen == schema::SeqRange{Seq(1), Seq(2)});
}

}  // namespace sockwitness
