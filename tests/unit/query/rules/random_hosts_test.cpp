// Whatever a host shows: every rule runs on it, and every answer can be told.

#include <algorithm>

#include <catch2/catch.hpp>

#include "query/analysis/situation.h"
#include "query/report/answers/check_report.h"
#include "query/report/writers/json_writer.h"
#include "query/report/writers/text_writer.h"
#include "query/rules/engine.h"
#include "query/rules/rule_book.h"
#include "query/rules/rule_folder.h"
#include "query/rules/stage.h"
#include "schema/program/zone.h"
#include "tests/support/random_history.h"

namespace sockwitness {

using namespace query;

namespace {

std::string clock_face(schema::WallTime time) {
  return schema::format_in_zone(time, schema::Zone::utc());
}

bool is_plain(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return letter == '\n' || (byte >= 0x20 && byte != 0x7f);
  });
}

// Everything that is said of one snapshot; gives the number of matches.
std::size_t check_host(const schema::Snapshot& snapshot, Engine& engine, const RuleBook& book) {
  const std::vector<schema::Seen> lifetimes(snapshot.sockets.size(),
                                            {snapshot.begin.wall, snapshot.begin.wall});
  const auto judged = std::make_shared<const JudgedSnapshot>(snapshot, lifetimes);
  Stage stage({judged->host(), {}, snapshot.programs, snapshot.begin.wall});
  RuleRun run = engine.run(stage, book.rules());
  for (const RuleFailure& failure : run.failures) {
    CAPTURE(failure.rule->id, failure.reason);
    CHECK(false);
  }
  const std::size_t matches = run.matches.size();
  const auto blindness = find_blindness(run.reads, snapshot.gaps);
  const PortNames names;
  const std::vector<Finding> findings = group_matches(judged, std::move(run.matches), {});
  std::size_t told = 0;
  for (const Finding& finding : findings) {
    told += finding.matches.size();
    CHECK_FALSE(finding.key.empty());
  }
  CHECK(told >= matches);
  const CheckInput input{.snapshot = snapshot,
                         .from = {},
                         .snapshots = 1,
                         .rules_version = "v",
                         .rules = 50,
                         .findings = findings,
                         .hidden = 0,
                         .failures = run.failures,
                         .problems = book.problems(),
                         .blindness = blindness,
                         .note = {},
                         .names = names,
                         .all = true};
  const std::string json = write_json(build_check(input));
  CHECK(std::all_of(json.begin(), json.end(), [](char letter) {
    return letter == '\n' || (letter >= 0x20 && letter < 0x7f);
  }));
  CHECK(is_plain(write_text(lay_out_check(input, clock_face), {})));
  return matches;
}

}  // namespace

TEST_CASE("every rule runs on hosts of any kind, and every finding can be told") {
  const RuleBook book(builtin_rules(), {});
  Engine engine;
  std::size_t matches = 0;
  std::size_t hosts = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    test::RandomHistory history(seed);
    for (int step = 0; step < 5; ++step) {
      CAPTURE(seed, step);
      matches += check_host(history.next().snapshot, engine, book);
      ++hosts;
    }
  }
  CHECK(hosts == 60);
  CHECK(matches > 100);
}

}  // namespace sockwitness
