// From where on something is news, in a database that follows, went back or is another one.
#include <catch2/catch.hpp>

#include "query/alert/base.h"
#include "query/alert/coverage_news.h"
#include "tests/unit/query/scene.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using schema::WallTime;

namespace {

constexpr std::string_view kArchive = "ab12";

// Snapshots a minute apart.
Moments minutes(std::int64_t first, std::int64_t last, std::int64_t late = 0) {
  std::vector<schema::SnapshotInfo> infos;
  for (std::int64_t seq = first; seq <= last; ++seq) {
    infos.push_back(test::info_at(seq, seq + late));
  }
  return moments_of(infos);
}

AlertMark mark_of(std::int64_t seq, std::int64_t late = 0) {
  return {Seq(seq), test::info_at(seq, seq + late).begin.wall};
}

AlertState told(std::vector<AlertMark> marks) {
  AlertState state;
  state.archive = kArchive;
  state.from = Seq(std::max<std::int64_t>(1, marks.back().seq.value() - 1));
  state.marks = std::move(marks);
  return state;
}

AlertBase find(const AlertState* state, const Moments& moments) {
  return find_alert_base(state, std::string(kArchive), moments);
}

CoverageGap gap_in(std::int64_t first, std::int64_t last, schema::GapReason reason) {
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.reason = reason;
  return {{Seq(first), Seq(last)}, gap, "host"};
}

}  // namespace

TEST_CASE("without anything told the state is told") {
  const AlertBase base = find(nullptr, minutes(1, 9));
  CHECK(base.kind == AlertBase::Kind::First);
  CHECK(base.anew);
  CHECK(base.reported_up_to == Seq(9));
  CHECK(base.from == Seq(1));
}

TEST_CASE("a database that follows") {
  const AlertState state = told({mark_of(3), mark_of(5)});
  const AlertBase base = find(&state, minutes(1, 9));
  CHECK(base.kind == AlertBase::Kind::Follows);
  CHECK_FALSE(base.anew);
  CHECK(base.reported_up_to == Seq(5));
  CHECK(base.from == Seq(4));
}

TEST_CASE("a database whose old snapshots are not kept follows") {
  const AlertState state = told({mark_of(3), mark_of(5)});
  const AlertBase base = find(&state, minutes(7, 9));
  CHECK(base.kind == AlertBase::Kind::Follows);
  CHECK(base.reported_up_to == Seq(5));
  CHECK(base.from == Seq(7));
}

TEST_CASE("another database is told anew") {
  AlertState state = told({mark_of(5)});
  state.archive = "cd";
  const AlertBase base = find(&state, minutes(1, 9));
  CHECK(base.kind == AlertBase::Kind::Replaced);
  CHECK(base.anew);
}

TEST_CASE("a copy of before the last alert") {
  const AlertState state = told({mark_of(3), mark_of(5)});
  SECTION("that ends before it") {
    const AlertBase base = find(&state, minutes(1, 4));
    CHECK(base.kind == AlertBase::Kind::WentBack);
    CHECK_FALSE(base.anew);
    CHECK(base.reported_up_to == Seq(3));
    CHECK(base.from == Seq(3));
  }
  SECTION("that has grown past it") {
    std::vector<schema::SnapshotInfo> infos;
    for (std::int64_t seq = 1; seq <= 9; ++seq) {
      infos.push_back(test::info_at(seq, seq + (seq > 4 ? 1000 : 0)));
    }
    const AlertBase base = find(&state, moments_of(infos));
    CHECK(base.kind == AlertBase::Kind::WentBack);
    CHECK(base.reported_up_to == Seq(3));
  }
  SECTION("of which nothing is as it was told") {
    const AlertBase base = find(&state, minutes(1, 9, 1000));
    CHECK(base.kind == AlertBase::Kind::WentBack);
    CHECK(base.anew);
    CHECK(base.reported_up_to == Seq(9));
  }
}

TEST_CASE("the next comparison begins at a snapshot that saw everything") {
  const Moments moments = minutes(1, 9);
  const auto from = [&](std::vector<CoverageGap> gaps) {
    return choose_next_from(moments, gaps, {Seq(2), Seq(9)});
  };
  using schema::GapReason;
  CHECK(from({}) == Seq(8));
  CHECK(from({gap_in(7, 9, GapReason::Permission)}) == Seq(6));
  CHECK(from({gap_in(9, 9, GapReason::Permission)}) == Seq(8));
  CHECK(from({gap_in(1, 9, GapReason::Permission)}) == Seq(2));
  CHECK(from({gap_in(1, 9, GapReason::NotSupported)}) == Seq(8));
  CHECK(from({gap_in(1, 9, GapReason::Vanished)}) == Seq(8));
}

TEST_CASE("a record that never sees everything is not compared from its begin for ever") {
  const Moments moments = minutes(1, 2500);
  const std::vector<CoverageGap> gaps{gap_in(1, 2500, schema::GapReason::Permission)};
  CHECK(choose_next_from(moments, gaps, {Seq(1), Seq(2500)}) == Seq(2499));
}

TEST_CASE("a record of one snapshot") {
  const Moments moments = minutes(1, 1);
  CHECK(choose_next_from(moments, {}, {Seq(1), Seq(1)}) == Seq(1));
}

}  // namespace sockwitness
