// Findings as rows: told when they begin, change and end, and not while nobody could look.
#include "query/spool/finding_rows.h"

#include <catch2/catch.hpp>

namespace sockwitness {

using namespace query;

namespace {

JudgedOnce judged(std::int64_t seq,
                  std::vector<SeenFinding> findings,
                  std::set<std::string> unsure = {}) {
  return {{schema::Seq(seq), schema::WallTime{seq * 3'600'000'000}},
          std::move(findings),
          std::move(unsure)};
}

SeenFinding shell(const std::string& content = "{}") {
  return {"shell nc", "shell", content};
}

}  // namespace

TEST_CASE("finding rows: begin, change, end") {
  FindingRows rows({}, std::nullopt);
  std::vector<FindingLine> lines;
  rows.add(judged(1, {}), lines);
  CHECK(lines.empty());
  rows.add(judged(2, {shell(), shell("{\"of\":\"another child\"}")}), lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].finding.first.seq == schema::Seq(2));
  CHECK(lines[0].finding.not_before->seq == schema::Seq(1));
  rows.add(judged(3, {shell()}), lines);
  CHECK(lines.size() == 1);
  rows.add(judged(4, {shell("{\"severity\":\"high\"}")}), lines);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].finding.row == lines[0].finding.row);
  rows.add(judged(5, {}), lines);
  CHECK(lines.size() == 2);  // it may come back
  rows.add(judged(6, {}), lines);
  REQUIRE(lines.size() == 3);
  CHECK(lines[2].ended->seq == schema::Seq(5));
  CHECK(lines[2].finding.last.seq == schema::Seq(4));
  CHECK(rows.open().empty());
  rows.add(judged(7, {shell()}), lines);
  REQUIRE(lines.size() == 4);
  CHECK(lines[3].finding.row != lines[0].finding.row);
  rows.add(judged(8, {}), lines);
  rows.add(judged(9, {shell()}), lines);
  rows.add(judged(10, {}), lines);
  CHECK(lines.size() == 4);
}

TEST_CASE("finding rows: not seen is not ended where its rule could not see") {
  FindingRows rows({}, std::nullopt);
  std::vector<FindingLine> lines;
  rows.add(judged(1, {shell()}), lines);
  CHECK(!lines.at(0).finding.not_before);
  rows.add(judged(2, {}, {"shell"}), lines);
  CHECK(lines.size() == 1);
  CHECK(rows.judged()->seq == schema::Seq(1));
  rows.add(judged(3, {}, {"another rule"}), lines);
  rows.add(judged(4, {}, {"another rule"}), lines);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].finding.last.seq == schema::Seq(1));
  CHECK(lines[1].ended->seq == schema::Seq(3));
  rows.add(judged(5, {shell()}), lines);
  CHECK(lines.at(2).finding.not_before->seq == schema::Seq(1));
}

}  // namespace sockwitness
