#include "query/analysis/reach.h"

#include <catch2/catch.hpp>

#include "tests/unit/query/owner_scene.h"

namespace sockwitness {

using query::compare_reach;
using query::overlap;
using query::Reach;
using query::ReachChange;
using test::tcp;

namespace {

// "only ::" is a wildcard that takes IPv6 and nothing else.
Reach reach(const std::vector<std::string>& ends) {
  std::vector<schema::Service> services;
  for (std::string end : ends) {
    const bool only = end.starts_with("only ");
    services.push_back(tcp((only ? end.substr(5) : end) + " 80", {}));
    services.back().v6only = only;
  }
  std::vector<const schema::Service*> pointers;
  for (const schema::Service& service : services) {
    pointers.push_back(&service);
  }
  return query::reach_of(pointers);
}

struct Case {
  std::vector<std::string> before;
  std::vector<std::string> after;
  ReachChange change;
};

}  // namespace

TEST_CASE("which reach is wider") {
  const auto cases = std::vector<Case>{
      {{"127.0.0.1"}, {"127.0.0.1"}, ReachChange::Equal},
      {{"127.0.0.1"}, {"0.0.0.0"}, ReachChange::Widened},
      {{"127.0.0.1"}, {"10.0.0.1"}, ReachChange::Widened},
      {{"10.0.0.1"}, {"0.0.0.0"}, ReachChange::Widened},
      {{"10.0.0.1"}, {"10.0.0.1", "10.0.0.2"}, ReachChange::Widened},
      {{"0.0.0.0"}, {"127.0.0.1"}, ReachChange::Narrowed},
      {{"0.0.0.0"}, {"10.0.0.1"}, ReachChange::Narrowed},
      {{"10.0.0.1", "10.0.0.2"}, {"10.0.0.1"}, ReachChange::Narrowed},
      {{"10.0.0.1"}, {"10.0.0.2"}, ReachChange::Elsewhere},
      {{"127.0.0.1"}, {"127.0.0.53"}, ReachChange::Elsewhere},
      // The same reach by one socket or by two.
      {{"0.0.0.0", "only ::"}, {"::"}, ReachChange::Equal},
      {{"0.0.0.0", "10.0.0.1"}, {"0.0.0.0"}, ReachChange::Equal},
      {{"::ffff:10.0.0.1"}, {"10.0.0.1"}, ReachChange::Equal},
      // IPv4 with :: and without it.
      {{"only ::"}, {"::"}, ReachChange::Widened},
      {{"::"}, {"only ::"}, ReachChange::Narrowed},
      {{"0.0.0.0"}, {"::"}, ReachChange::Widened},
      {{"127.0.0.1", "::1"}, {"127.0.0.1", "only ::"}, ReachChange::Widened},
      // Wider for some is wider, whatever others lost.
      {{"0.0.0.0"}, {"only ::"}, ReachChange::Widened},
  };
  for (const Case& each : cases) {
    INFO(query::reach_words(reach(each.before)) << " → " << query::reach_words(reach(each.after)));
    CHECK(compare_reach(reach(each.before), reach(each.after)) == each.change);
  }
}

TEST_CASE("who gets in the way of whom") {
  CHECK(overlap(reach({"0.0.0.0"}), reach({"10.0.0.1"})));
  CHECK(overlap(reach({"127.0.0.1"}), reach({"::"})));
  CHECK(overlap(reach({"10.0.0.1"}), reach({"10.0.0.1"})));
  CHECK_FALSE(overlap(reach({"10.0.0.1"}), reach({"10.0.0.2"})));
  CHECK_FALSE(overlap(reach({"127.0.0.1"}), reach({"only ::"})));
  CHECK_FALSE(overlap(reach({"127.0.0.1"}), reach({"127.0.0.2"})));
}

TEST_CASE("reach in words") {
  CHECK(query::reach_words(reach({"::"})) == "any address");
  CHECK(query::reach_words(reach({"0.0.0.0", "::1"})) == "any IPv4 address, ::1");
  CHECK(query::reach_words(reach({"only ::"})) == "any IPv6 address");
  CHECK(query::reach_words(reach({"127.0.0.1", "10.0.0.5"})) == "10.0.0.5, 127.0.0.1");
}

}  // namespace sockwitness
