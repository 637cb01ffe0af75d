// The answers about time, compared with what was accepted: two snapshots of the busy host, what
// changed between them, and everything else that can happen.

#include <catch2/catch.hpp>

#include "query/analysis/history/listener_timeline.h"
#include "query/analysis/history/when.h"
#include "query/report/answers/timeline_report.h"
#include "query/report/answers/when_report.h"
#include "schema/view/services.h"
#include "schema/view/socket_traits.h"
#include "tests/golden/golden.h"
#include "tests/golden/hostile_scene.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using test::check_document;
using test::check_page;
using test::info_at;
using test::utc_face;

namespace {

constexpr std::string_view kHostile = "a\x1b[2J\n\"<b>,=1+1\xff";

SharedEventSnapshot excerpt_of(test::Scene scene) {
  return std::make_shared<const EventSnapshot>(std::move(scene.snapshot));
}

// Everything that waits for peers; with its connections, when those are wanted.
ObservedThings things_of(const SharedEventSnapshot& event_snapshot, bool with_connections) {
  ObservedThings things{event_snapshot, event_snapshot->view(), {}, {}, {}, {}, {}};
  const auto& sockets = event_snapshot->snapshot().sockets;
  for (std::uint32_t at = 0; at < sockets.size(); ++at) {
    if (schema::waits_for_peers(sockets[at]) ||
        (with_connections && schema::is_connected(sockets[at]))) {
      things.sockets.emplace_back(at);
      things.socket_identities.push_back({0, 0, at, {}});
      things.identities.push_back({0, 0, at, {}});
      things.brief.push_back(false);
    }
  }
  return things;
}

Observation observation_of(const ObservedThings& things) {
  const schema::Snapshot& snapshot = things.view.snapshot();
  const Seq seq = snapshot.seq.value();
  Observation observation{{seq, seq}, {}, {}, schema::visibility_of(snapshot)};
  for (const schema::SocketIndex index : things.sockets) {
    const schema::Socket& socket = things.view.socket(index);
    observation.places.push_back(
        {schema::endpoint_of(things.view.snapshot(), socket), std::nullopt});
  }
  return observation;
}

// The two snapshots and what stands around them.
struct Story {
  Story() {
    infos = {
        info_at(41, -5), info_at(42, 0), info_at(43, 5), info_at(44, 65), info_at(45, 70, "b")};
    for (schema::SnapshotInfo& info : infos) {
      info.context.host_name = "web07";
    }
    infos[2].begin.wall.microseconds -= 30 * test::kMinuteUs;
    infos[3].begin.wall.microseconds -= 30 * test::kMinuteUs;
    missed = {{{test::kSceneTime.microseconds + 20 * test::kMinuteUs},
               schema::MissedKind::Failed,
               1,
               std::string(kHostile),
               Seq(43)}};
    moments = moments_of(infos);
    chronicle = build_chronicle(moments, missed, {});
  }

  std::vector<schema::SnapshotInfo> infos;
  std::vector<schema::MissedRun> missed;
  Moments moments;
  std::vector<ChronicleEvent> chronicle;
  SharedEventSnapshot before = excerpt_of(test::busy_host_before());
  SharedEventSnapshot after = excerpt_of(test::busy_host());
  PortNames names = PortNames::parse("ssh 22/tcp\nhttp 80/tcp\n");
};

void add_sockets_and_processes(const Story& story, std::vector<TimelineEvent>& events) {
  ListenerTimeline track(ListenerTimeline::Chosen::Take,
                         [](const schema::SnapshotView&, schema::SocketIndex) { return true; },
                         {[](Seq) { return std::make_shared<const schema::Visibility>(); },
                          [](const schema::SeqRange& range) { return std::vector{range.last}; }});
  for (const SharedEventSnapshot& event_snapshot : {story.before, story.after}) {
    const ObservedThings things = things_of(event_snapshot, false);
    track.add(observation_of(things), things, events);
  }
  const auto& sockets = story.after->snapshot().sockets;
  for (std::uint32_t at = 0; at < sockets.size(); ++at) {
    if (schema::is_connected(sockets[at])) {
      events.push_back({EventKind::ConnectionOpened,
                        Seq(42),
                        Seq(41),
                        ConnectionFacts{story.after,
                                        schema::SocketIndex(at),
                                        schema::Direction{schema::Way::Inbound,
                                                          schema::DirectionEvidence::PortRule},
                                        {Seq(42), Seq(43)}}});
    }
  }
  const auto& processes = story.after->snapshot().processes;
  for (std::uint32_t at = 0; at < processes.size(); ++at) {
    events.push_back(
        {EventKind::ProcessStarted,
         Seq(42),
         at == 0 ? std::nullopt : std::optional(Seq(41)),
         ProcessFacts{story.after, schema::ProcessIndex(at), nullptr, {}, {Seq(42), Seq(43)}}});
  }
  events.push_back({EventKind::ProcessExec,
                    Seq(42),
                    Seq(41),
                    ProcessFacts{story.after,
                                 schema::ProcessIndex(1),
                                 story.before,
                                 schema::ProcessIndex(0),
                                 {Seq(41), Seq(43)}}});
}

void add_the_rest(const Story& story, std::vector<TimelineEvent>& events) {
  schema::Program old;
  old.path = "/usr/bin/" + std::string(kHostile);
  old.package = "open\x1b[31mssh";
  old.package_version = "1:9.2";
  old.verdict = schema::PackageVerdict::Matches;
  schema::Program now = old;
  now.sha256 = std::string(32, '\xcd');
  now.verdict = schema::PackageVerdict::Differs;
  events.push_back({EventKind::ProgramChanged, Seq(43), Seq(42), ProgramFacts{old, now}});
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.reason = schema::GapReason::TimedOut;
  gap.object = schema::Protocol::Tcp;
  events.push_back({EventKind::ViewLost,
                    Seq(43),
                    Seq(42),
                    CoverageGap{{Seq(43), Seq(43)}, gap, "netns " + std::string(kHostile)}});
  for (const EventKind kind : {EventKind::BaselineAdded, EventKind::ServicesAccepted}) {
    events.push_back({kind,
                      Seq(44),
                      Seq(43),
                      BaselineFacts{"gold" + std::string(kHostile),
                                    std::string(kHostile),
                                    kind == EventKind::ServicesAccepted ? "tcp/8080" : "",
                                    "ro\x1bot",
                                    test::kSceneTime}});
  }
  const std::map<ChronicleKind, EventKind> kinds{{ChronicleKind::TimeGap, EventKind::TimeGap},
                                                 {ChronicleKind::Reboot, EventKind::Reboot},
                                                 {ChronicleKind::ClockStep, EventKind::ClockStep},
                                                 {ChronicleKind::MissedRun, EventKind::MissedRun}};
  for (const ChronicleEvent& happened : story.chronicle) {
    const auto kind = kinds.find(happened.kind);
    if (kind != kinds.end()) {
      const std::size_t at = happened.before.value();
      events.push_back({kind->second, story.infos[at].seq, story.infos[at - 1].seq, happened});
    }
  }
}

}  // namespace

TEST_CASE("timeline") {
  const Story story;
  std::vector<TimelineEvent> events;
  add_sockets_and_processes(story, events);
  add_the_rest(story, events);
  const TimelineInput input{"program:" + std::string(kHostile),
                            story.moments,
                            {Seq(41), Seq(45)},
                            "web07",
                            story.missed,
                            story.names,
                            "the clock was set back"};
  Document document = build_timeline(input);
  Page page = lay_out_timeline_head(input, utc_face());
  for (const TimelineEvent& event : events) {
    document.rows.push_back(event_value(input, event));
    for (auto& block : lay_out_event(input, event, utc_face()).blocks) {
      page.blocks.push_back(std::move(block));
    }
  }
  check_document("timeline", document);
  check_page("timeline", page);
  check_page("timeline_nothing", lay_out_nothing(input, utc_face()));
}

TEST_CASE("when") {
  const Story story;
  WhenBuilder builder;
  std::vector<WhenInterval> spans;
  SECTION("seen") {
    for (const SharedEventSnapshot& event_snapshot : {story.before, story.after}) {
      const ObservedThings things = things_of(event_snapshot, true);
      builder.add(observation_of(things), things);
    }
    spans = builder.finish();
    REQUIRE(spans.size() == 1);
  }
  SECTION("never seen") {
  }
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  gap.reason = schema::GapReason::Permission;
  const std::vector<CoverageGap> gaps{{{Seq(43), Seq(43)}, gap, "netns " + std::string(kHostile)}};
  const WhenInput input{"program:" + std::string(kHostile),
                        story.moments,
                        {Seq(41), Seq(45)},
                        std::nullopt,
                        "web07",
                        spans,
                        story.chronicle,
                        story.missed,
                        gaps,
                        2,
                        "the clock was set back"};
  const std::string name = spans.empty() ? "when_never" : "when";
  if (!spans.empty()) {
    check_document(name, build_when(input));
  }
  check_page(name, lay_out_when(input, utc_face()));
}

}  // namespace sockwitness
