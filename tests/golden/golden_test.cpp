// Each answer in each form, compared with what was accepted. accept.sh rewrites the accepted ones.

#include "tests/golden/golden.h"

#include <catch2/catch.hpp>

#include "query/analysis/diff.h"
#include "query/analysis/listing.h"
#include "query/report/answers/diff_report.h"
#include "query/report/answers/show.h"
#include "query/report/answers/snapshots_report.h"
#include "query/report/answers/status_report.h"
#include "query/report/records/records.h"
#include "tests/golden/hostile_scene.h"

namespace sockwitness {

using namespace query;
using test::check_document;
using test::check_page;
using test::utc_face;

namespace {

// The whole of the scene, filtered, ready to be laid out.
struct Shown {
  explicit Shown(Filter filter)
      : view(scene.snapshot),
        seen(test::lifetimes_of(scene.snapshot)),
        rows(list_sockets(view, filter, seen)),
        names(PortNames::parse("ssh 22/tcp\nhttp 80/tcp\nsunrpc 111/udp\nnfs 2049/tcp\n")),
        input{view, rows, names, {}, 0, {}} {
    style.clock = utc_face();
    style.now = {test::kSceneTime.microseconds + 4 * test::kMinuteUs};
    style.breadth = filter.breadth;
  }

  test::Scene scene = test::busy_host();
  schema::SnapshotView view;
  std::vector<schema::Seen> seen;
  std::vector<ListedSocket> rows;
  PortNames names;
  ShowInput input;
  ShowStyle style;
};

Filter everything() {
  Filter filter;
  filter.protocols = *parse_socket_table("all");
  return filter;
}

}  // namespace

TEST_CASE("show for machines") {
  Shown shown(everything());
  shown.input.asked_at = schema::WallTime{test::kSceneTime.microseconds + 90'000'000};
  shown.input.distance_us = 90'000'000;
  shown.input.note = "nothing was recorded for 30 minutes";
  check_document("show", build_show(shown.input));
}

TEST_CASE("show, wide") {
  Shown shown(everything());
  SECTION("all") {
    check_page("show_wide", lay_out_wide(shown.input, shown.style));
  }
  SECTION("extended, every holder, at a time that nobody watched") {
    shown.style.extended = true;
    shown.style.all_holders = true;
    shown.input.asked_at = schema::WallTime{test::kSceneTime.microseconds + 20 * test::kMinuteUs};
    shown.input.distance_us = 20 * test::kMinuteUs;
    shown.input.note = "nothing was recorded for 30 minutes until snapshot 43";
    check_page("show_wide_extended", lay_out_wide(shown.input, shown.style));
  }
}

TEST_CASE("show, listening only") {
  Filter filter;
  filter.breadth = Breadth::Listening;
  filter.namespaces = {"host"};
  Shown shown(filter);
  check_page("show_listening", lay_out_wide(shown.input, shown.style));
}

TEST_CASE("show without a match") {
  Filter filter;
  filter.pids = {schema::Pid(1)};
  Shown shown(filter);
  check_page("show_nothing", lay_out_wide(shown.input, shown.style));
}

TEST_CASE("show in netstat's and ss's layout") {
  Shown shown(everything());
  shown.style.unix_domain = true;
  SECTION("netstat") {
    check_page("show_netstat", lay_out_netstat(shown.input, shown.style));
  }
  SECTION("ss") {
    check_page("show_ss", lay_out_ss(shown.input, shown.style));
  }
  SECTION("netstat -e") {
    shown.style.extended = true;
    check_page("show_netstat_extended", lay_out_netstat(shown.input, shown.style));
  }
  SECTION("ss -e") {
    shown.style.extended = true;
    check_page("show_ss_extended", lay_out_ss(shown.input, shown.style));
  }
}

TEST_CASE("diff") {
  const test::Scene scenes[] = {test::busy_host_before(), test::busy_host()};
  std::vector<schema::ServiceSet> sets;
  std::vector<schema::SnapshotInfo> infos;
  for (const test::Scene& scene : scenes) {
    const std::vector<schema::Persistence> stays(scene.snapshot.sockets.size(),
                                                 schema::Persistence::Lasting);
    sets.push_back(schema::collect_services(schema::SnapshotView(scene.snapshot), stays));
    infos.push_back(info_of(scene.snapshot));
  }
  const Diff diff = compare_services(sets[0], sets[1]);
  const DiffInput input{
      {infos[0], {}, {}, false, sets[0]}, {infos[1], {}, {}, false, sets[1]}, diff, false, {}, {}};
  check_document("diff", build_diff(input));
  check_page("diff", lay_out_diff(input, utc_face()));
}

TEST_CASE("snapshots") {
  auto infos = test::eventful_history();
  infos[1].deferred = "python3(4711) keeps it locked\x1b[2J";
  const auto missed = test::missed_runs();
  std::vector<schema::Visibility> visibility(infos.size());
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.reason = schema::GapReason::Interrupted;
  gap.object = schema::Protocol::Tcp;
  gap.netns = schema::NetnsIndex(0);
  visibility[2] = {{{schema::Inode(1), "host"}}, {gap}};
  auto events = build_chronicle(moments_of(infos), missed, {});
  events.erase(events.begin());  // the command leaves the begin out
  const SnapshotsInput input{infos, visibility, missed, events};
  check_document("snapshots", build_snapshots(input));
  check_page("snapshots", lay_out_snapshots(input, utc_face()));
}

TEST_CASE("status") {
  auto infos = test::eventful_history();
  infos.back().context.host_name = "web07\x1b[2J";
  Health health;
  health.usual_us = 300'000'000;
  health.age_us = 7'500'000'000;
  health.missed = 2;
  health.waiting = 1;
  health.bytes_a_day = 1'234'567;
  health.full_in_days = 12;
  health.troubles = {Trouble::Stale,
                     Trouble::Missed,
                     Trouble::Waiting,
                     Trouble::LittleRoom,
                     Trouble::FullSoon,
                     Trouble::ClockBehind};
  const StatusInput input{health,
                          infos.back(),
                          infos.front().begin.wall,
                          "/var/lib/sockwitness/witness.db",
                          {412'345'678, 14'900'000, 500'000'000'000}};
  check_document("status", build_status(input));
  check_page("status", lay_out_status(input, utc_face()));
}

}  // namespace sockwitness
