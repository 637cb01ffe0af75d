// What was told, written and read: the same, or nothing.
#include "query/alert/alert_state.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "schema/base/escape.h"
#include "schema/chain/sha256.h"
#include "tests/support/random_history.h"

namespace sockwitness {

using namespace query;
using schema::Seq;
using schema::WallTime;

namespace {

std::vector<std::string> random_keys(test::Dice& dice) {
  std::vector<std::string> keys;
  for (std::uint64_t count = dice.below(3) + 1; count > 0; --count) {
    keys.push_back(situation_hash("finding", {dice.bytes(20)}));
  }
  return keys;
}

AlertState random_state(std::uint64_t seed) {
  test::Dice dice(seed);
  AlertState state;
  state.archive = schema::hex(dice.bytes(16) + "x");
  std::int64_t seq = 0;
  for (std::uint64_t count = dice.below(4) + 1; count > 0; --count) {
    seq += static_cast<std::int64_t>(dice.below(1000)) + 1;
    state.marks.push_back({Seq(seq), WallTime{static_cast<std::int64_t>(dice.bits64())}});
  }
  state.from = Seq(static_cast<std::int64_t>(dice.below(static_cast<std::uint64_t>(seq))) + 1);
  state.missed = dice.bits32();
  if (dice.one_in(2)) {
    state.silent = Seq(static_cast<std::int64_t>(dice.below(100)) + 1);
  }
  for (std::uint64_t count = dice.below(4); count > 0; --count) {
    state.reported.insert(situation_hash("change", {dice.bytes(20)}));
  }
  for (std::uint64_t count = dice.below(4); count > 0; --count) {
    state.open.push_back({static_cast<SituationKind>(dice.below(4)),
                          random_keys(dice),
                          kSeverities.at(dice.below(kSeverities.size())),
                          WallTime{static_cast<std::int64_t>(dice.bits64())},
                          dice.bytes(60)});
  }
  return state;
}

std::string sealed(const std::string& lines) {
  return lines + fmt::format("end {}\n", schema::hex(schema::sha256(lines)));
}

}  // namespace

TEST_CASE("what was told is read as it was written") {
  const auto seed = GENERATE(range(1, 60));
  const AlertState state = random_state(static_cast<std::uint64_t>(seed));
  const std::string text = write_alert_state(state);
  const auto read = parse_alert_state(text);
  REQUIRE(read);
  CHECK(*read == state);
  CHECK(write_alert_state(*read) == text);
}

TEST_CASE("a part of what was told is nothing") {
  const std::string text = write_alert_state(random_state(7));
  for (std::size_t size = 0; size < text.size(); ++size) {
    CHECK_FALSE(parse_alert_state(text.substr(0, size)));
  }
  CHECK_FALSE(parse_alert_state(text + "x"));
  CHECK_FALSE(parse_alert_state(text + text));
}

TEST_CASE("what was told with one bit changed is nothing") {
  const std::string text = write_alert_state(random_state(8));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string other = text;
    other[at] = static_cast<char>(other[at] ^ (1 << (at % 8)));
    CHECK_FALSE(parse_alert_state(other));
  }
}

// The sum is right: somebody wrote it on purpose, or another version did.
TEST_CASE("lines that no alert writes") {
  const std::string key(32, 'a');
  const std::string head = "sockwitness-alert 1\n";
  const std::string good = head + "archive ab\nmark 3 5\nfrom 2\nmissed 0\n";
  REQUIRE(parse_alert_state(sealed(good)));
  const std::string row =
      GENERATE_COPY(as<std::string>(),
                    "sockwitness-alert 2\narchive ab\nmark 3 5\nfrom 2\nmissed 0\n",
                    head + "mark 3 5\nfrom 2\nmissed 0\n",
                    head + "archive ab\nfrom 2\nmissed 0\n",
                    head + "archive ab\nmark 3 5\nmissed 0\n",
                    head + "archive xy\nmark 3 5\nfrom 2\nmissed 0\n",
                    head + "archive ab\nmark 3 5\nfrom 4\nmissed 0\n",
                    head + "archive ab\nmark 3 5\nmark 3 6\nfrom 2\nmissed 0\n",
                    head + "archive ab\nmark 0 5\nfrom 0\nmissed 0\n",
                    head + "archive ab\nmark 99999999999999999999 5\nfrom 2\nmissed 0\n",
                    good + "missed -1\n",
                    good + "told " + key.substr(1) + "\n",
                    good + "told " + key + "\ntold " + key + "\n",
                    good + "open finding high 1 " + key + " 4\n",
                    good + "open finding high 1 " + key + " 4g\n",
                    good + "open finding grave 1 " + key + " 41\n",
                    good + "open thing high 1 " + key + " 41\n",
                    good + "open finding high x " + key + " 41\n",
                    good + "open finding high 1 ../../etc 41\n",
                    good + "open finding high 1\n",
                    good + "run rm\n",
                    good + "\n",
                    good + std::string("\0", 1));
  CAPTURE(row);
  CHECK_FALSE(parse_alert_state(sealed(row)));
}

TEST_CASE("situations are told apart by where their parts end") {
  CHECK(situation_hash("a", {"bc", "d"}) != situation_hash("a", {"b", "cd"}));
  CHECK(situation_hash("a", {"b"}) != situation_hash("ab", {}));
  CHECK(situation_hash("a", {"b", ""}) != situation_hash("a", {"b"}));
  CHECK(situation_hash("a", {"1\n"}) != situation_hash("a", {"1", ""}));
  CHECK(situation_hash("a", {"b"}).size() == 32);
}

}  // namespace sockwitness
