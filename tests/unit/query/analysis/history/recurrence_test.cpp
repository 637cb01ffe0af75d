#include "query/analysis/history/recurrence.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/owner_scene.h"

namespace sockwitness {

using query::ChangeKind;
using query::count_swings;
using query::Diff;
using query::Interval;
using query::Recurrence;
using query::recurrence_candidates;
using query::Severity;
using query::tell_recurrences;
using schema::Seq;
using schema::Service;
using test::owner;
using test::set_of;
using test::started;
using test::tcp;
using test::unix_name;

namespace {

const schema::Owner kNginx = owner("/usr/sbin/nginx");
const schema::Owner kRedis = owner("/usr/bin/redis-server");
const Service kWeb = tcp("0.0.0.0 80", {kNginx});

Diff compare(std::vector<Service> before, std::vector<Service> after) {
  return query::compare_services(set_of(std::move(before)), set_of(std::move(after)));
}

Recurrence of_web(std::vector<schema::Owner> owners, std::uint32_t came, std::uint32_t went) {
  Recurrence recurrence;
  recurrence.endpoint = kWeb.endpoint;
  if (!owners.empty()) {
    recurrence.earlier.push_back({Seq(7), schema::WallTime{}, std::move(owners)});
  }
  recurrence.came = came;
  recurrence.went = went;
  return recurrence;
}

std::vector<std::string> told(Diff diff, const std::vector<Recurrence>& recurrences) {
  tell_recurrences(diff, recurrences);
  std::vector<std::string> lines;
  for (const query::Change& change : diff.changes) {
    lines.push_back(std::string(query::severity_word(change.severity)) + " " +
                    std::string(query::change_kind_word(change.kind)));
  }
  return lines;
}

Interval span(std::optional<int> not_before, std::optional<int> not_after) {
  Interval made;
  made.not_before = not_before ? std::optional(Seq(*not_before)) : std::nullopt;
  made.not_after = not_after ? std::optional(Seq(*not_after)) : std::nullopt;
  return made;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("what came back is not new, unless it is somebody else") {
  const Diff diff = compare({}, {kWeb});
  CHECK(told(diff, {}) == Lines{"high new_listener"});
  CHECK(told(diff, {of_web({kNginx}, 1, 1)}) == Lines{"medium reopened"});
  CHECK(told(diff, {of_web({kRedis}, 1, 1)}) == Lines{"high new_listener"});
  CHECK(told(diff, {of_web({}, 1, 1)}) == Lines{"high new_listener"});
  // Who cannot be seen may be anybody.
  CHECK(told(compare({}, {tcp("0.0.0.0 80", {})}), {of_web({kNginx}, 5, 5)}) ==
        Lines{"high new_listener"});
  auto unread = kNginx;
  unread.program.reset();
  CHECK(told(diff, {of_web({unread}, 5, 5)}) == Lines{"high new_listener"});
  // Between the two somebody else was there.
  Recurrence twice = of_web({kRedis}, 1, 1);
  twice.earlier.push_back({Seq(3), schema::WallTime{}, {kNginx}});
  CHECK(told(diff, {twice}) == Lines{"medium reopened"});
  // Another endpoint's past says nothing.
  CHECK(told(compare({}, {tcp("0.0.0.0 81", {kNginx})}), {of_web({kNginx}, 5, 5)}) ==
        Lines{"high new_listener"});
}

TEST_CASE("more than twice is flapping, in either direction") {
  const Diff fresh = compare({}, {kWeb});
  CHECK(told(fresh, {of_web({kNginx}, 2, 2)}) == Lines{"medium reopened"});
  CHECK(told(fresh, {of_web({kNginx}, 3, 2)}) == Lines{"medium flapping"});
  CHECK(told(fresh, {of_web({kRedis}, 3, 3)}) == Lines{"high new_listener"});
  const Diff gone = compare({kWeb}, {});
  CHECK(told(gone, {of_web({}, 2, 2)}) == Lines{"medium vanished_service"});
  CHECK(told(gone, {of_web({}, 2, 3)}) == Lines{"medium flapping"});
  const Diff restarted = compare({kWeb}, {tcp("0.0.0.0 80", {started(kNginx, 3)})});
  CHECK(told(restarted, {of_web({}, 2, 2)}) == Lines{"info restarted"});
  CHECK(told(restarted, {of_web({}, 3, 3)}) == Lines{"medium flapping", "info restarted"});
  // Between the sides, and on neither of them.
  Recurrence between = of_web({}, 3, 3);
  between.only = kWeb;
  CHECK(told(compare({}, {}), {between}) == Lines{"medium flapping"});
  between.came = between.went = 2;
  CHECK(told(compare({}, {}), {between}).empty());
}

TEST_CASE("history is asked about ports that count only") {
  CHECK(recurrence_candidates(compare({}, {kWeb})).size() == 1);
  CHECK(recurrence_candidates(compare({kWeb}, {})).size() == 1);
  CHECK(recurrence_candidates(compare({kWeb}, {kWeb})).empty());
  CHECK(recurrence_candidates(compare({}, {unix_name("/run/x", {kNginx})})).empty());
  // Light, as it is on loopback and its program listened there.
  CHECK(recurrence_candidates(compare({kWeb}, {kWeb, tcp("127.0.0.1 81", {kNginx})})).empty());
}

TEST_CASE("swings are counted where somebody looked") {
  const auto count = [](const std::vector<Interval>& spans, bool present) {
    Recurrence recurrence;
    count_swings(spans, present, recurrence);
    return std::pair(recurrence.came, recurrence.went);
  };
  using Count = std::pair<std::uint32_t, std::uint32_t>;
  CHECK(count({}, true) == Count{1, 0});
  CHECK(count({}, false) == Count{0, 0});
  CHECK(count({span({}, {})}, true) == Count{0, 0});
  CHECK(count({span({}, {})}, false) == Count{0, 1});
  CHECK(count({span(1, 3)}, false) == Count{1, 1});
  CHECK(count({span({}, 3), span(4, 6), span(7, {})}, true) == Count{2, 2});
  CHECK(count({span({}, 3), span(4, 6)}, true) == Count{2, 2});
}

}  // namespace sockwitness
