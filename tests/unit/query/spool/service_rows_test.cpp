// Services as rows: told when they begin, change hands or end, with the brackets of the comparison.
#include "query/spool/service_rows.h"

#include <catch2/catch.hpp>

#include "query/analysis/service_changes.h"
#include "tests/unit/query/owner_scene.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using test::owner;
using test::tcp;

namespace {

// One set of services a snapshot.
class Days {
 public:
  explicit Days(std::vector<OpenService> open = {})
      : rows_(std::move(open),
              [](Seq seq) { return std::optional(schema::WallTime{seq.value() * 60}); }) {}

  std::vector<ServiceLine> add(schema::ServiceSet set) {
    const schema::SeqRange snapshot{Seq(next_), Seq(next_)};
    ++next_;
    set.as_of = schema::WallTime{snapshot.first.value() * 60};
    std::vector<ServiceLine> lines;
    const StateChanges step = changes_.add(snapshot, set);
    rows_.add(
        snapshot,
        set,
        step,
        [](const schema::Service& each) {
          return each.owners.empty() ? std::string("nobody") : std::string(each.owners[0].path());
        },
        lines);
    return lines;
  }
  [[nodiscard]] std::vector<OpenService> open() const { return rows_.open(); }
  std::int64_t next_ = 1;

 private:
  ServiceRows rows_;
  ServiceChanges changes_;
};

schema::ServiceSet hidden() {
  // The namespace is still there.
  schema::ServiceSet set = test::set_of({tcp("0.0.0.0 1", {})});
  set.services.clear();
  schema::Gap gap;
  gap.source = schema::GapSource::SocketTable;
  gap.object = schema::Protocol::Tcp;
  set.gaps.push_back(gap);
  return set;
}

}  // namespace

TEST_CASE("service rows: begin, restart, end") {
  Days days;
  CHECK(days.add(test::set_of({})).empty());
  const auto begun = days.add(test::set_of({tcp("0.0.0.0 80", {test::started(owner("/a"), 1)})}));
  REQUIRE(begun.size() == 1);
  CHECK(begun[0].service.first.seq == Seq(2));
  CHECK(begun[0].service.not_before->seq == Seq(1));
  CHECK(!begun[0].ended);
  // Another process of the same program: nothing to tell.
  CHECK(days.add(test::set_of({tcp("0.0.0.0 80", {test::started(owner("/a"), 3, 101)})})).empty());
  const auto ended = days.add(test::set_of({}));
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].service.row == begun[0].service.row);
  CHECK(ended[0].service.last.seq == Seq(3));
  CHECK(ended[0].ended->seq == Seq(4));
  CHECK(days.open().empty());
}

TEST_CASE("service rows: another owner is another row") {
  Days days;
  const auto first = days.add(test::set_of({tcp("0.0.0.0 80", {owner("/a")})}));
  const auto lines =
      days.add(test::set_of({tcp("0.0.0.0 80", {test::started(owner("/b"), 9, 200)})}));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].service.row == first.at(0).service.row);
  CHECK(lines[0].ended->seq == Seq(2));
  CHECK(lines[0].service.last.seq == Seq(1));
  CHECK(lines[1].service.row != lines[0].service.row);
  CHECK(lines[1].service.not_before->seq == Seq(1));
  CHECK(lines[1].service.content == "/b");
}

TEST_CASE("service rows: what a gap hides has not ended") {
  Days days;
  CHECK(days.add(test::set_of({tcp("0.0.0.0 80", {owner("/a")})})).size() == 1);
  CHECK(days.add(hidden()).empty());
  CHECK(days.add(test::set_of({tcp("0.0.0.0 80", {owner("/a")})})).empty());
  CHECK(days.add(hidden()).empty());
  const auto ended = days.add(test::set_of({}));
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].service.last.seq == Seq(3));
}

TEST_CASE("service rows: rows of snapshots that are gone end when the place is seen to be empty") {
  Days before;
  before.add(test::set_of({tcp("0.0.0.0 80", {owner("/a")}), tcp("0.0.0.0 22", {owner("/s")})}));
  Days days(before.open());
  days.next_ = 5;
  CHECK(days.add(hidden()).empty());
  const auto lines = days.add(test::set_of({tcp("0.0.0.0 22", {owner("/s")})}));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].service.endpoint.port == schema::Port(80));
  CHECK(lines[0].ended->seq == Seq(6));
  CHECK(days.open().size() == 1);
}

}  // namespace sockwitness
