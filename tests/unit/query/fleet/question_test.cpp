// Questions: every one of ours is whole, and filled in there is no place left.
#include "query/fleet/question.h"

#include <set>

#include <catch2/catch.hpp>

#include "schema/base/error.h"

namespace sockwitness {

using namespace query;

namespace {

const FleetQuestion& question(const std::string& name) {
  for (const FleetQuestion& each : fleet_questions()) {
    if (each.name == name) {
      return each;
    }
  }
  throw std::out_of_range(name);
}

// A word of each kind.
ParameterWords words_for(const FleetQuestion& asked, bool all) {
  ParameterWords words;
  for (const Parameter& each : asked.parameters) {
    if (each.usual && !all) {
      continue;
    }
    switch (each.kind) {
      case ParameterKind::Address:
        words[each.name] = "198.51.100.7";
        break;
      case ParameterKind::Time:
        words[each.name] = "2026-11-23T03:30:00Z";
        break;
      case ParameterKind::Digest:
        words[each.name] = std::string(64, 'a');
        break;
      default:
        words[each.name] = "7";
    }
  }
  return words;
}

}  // namespace

TEST_CASE("fleet questions: each has a title, and every place a parameter") {
  CHECK(fleet_questions().size() >= 11);
  for (const FleetQuestion& each : fleet_questions()) {
    CAPTURE(each.name);
    CHECK(!each.title.empty());
    CHECK(each.title.ends_with('.'));
    for (const Parameter& parameter : each.parameters) {
      CHECK(each.sql.find("{" + parameter.name + ":") != std::string::npos);
    }
    for (const bool all : {false, true}) {
      const std::string sql = fill_question(each, words_for(each, all));
      CHECK(sql.find('{') == std::string::npos);
      CHECK(sql.find("FROM sockwitness.") != std::string::npos);
      CHECK(sql.ends_with('\n'));
    }
  }
}

TEST_CASE("fleet questions: what was typed is put in once, and looked at no more") {
  const std::string sql =
      fill_question(question("port"), {{"port", "80"}, {"role", "{port:UInt16}"}});
  CHECK(sql.find("local_port = 80") != std::string::npos);
  CHECK(sql.find("role = '{port:UInt16}'") != std::string::npos);
}

TEST_CASE("fleet questions: what is missing, too much or wrong is refused") {
  CHECK_THROWS_AS(fill_question(question("port"), {}), schema::Error);
  CHECK_THROWS_AS(fill_question(question("port"), {{"port", "80"}, {"days", "1"}}), schema::Error);
  CHECK_THROWS_AS(fill_question(question("port"), {{"port", "http"}}), schema::Error);
  CHECK_THROWS_AS(parse_question("x", "-- title\n-- param a nonsense: words\nSELECT 1\n"),
                  schema::Error);
}

}  // namespace sockwitness
