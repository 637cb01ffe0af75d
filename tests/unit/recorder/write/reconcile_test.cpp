#include "recorder/write/reconcile.h"

#include <random>

#include <catch2/catch.hpp>

#include "recorder/app/schedule.h"

namespace sockwitness::recorder {
namespace {

using Positions = std::vector<std::optional<std::size_t>>;
constexpr std::nullopt_t kNew = std::nullopt;

}  // namespace

TEST_CASE("things are matched by key, whatever their order") {
  struct Row {
    std::vector<int> before, now;
    Positions previous_of;
    std::vector<std::size_t> ended;
  };
  const Row row = GENERATE(values<Row>({{{}, {}, {}, {}},
                                        {{}, {5, 4}, {kNew, kNew}, {}},
                                        {{5, 4}, {}, {}, {0, 1}},
                                        {{1, 2, 3}, {3, 1, 2}, {2, 0, 1}, {}},
                                        {{1, 2, 3}, {4, 2}, {kNew, 1}, {0, 2}},
                                        {{7, 7}, {7}, {0}, {1}},
                                        {{7}, {7, 7}, {0, kNew}, {}},
                                        {{7, 1, 7}, {7, 7}, {0, 2}, {1}},
                                        {{1, 2, 3}, {1, 2, 3}, {0, 1, 2}, {}},
                                        {{7, 7, 5}, {7, 7, 7, 5}, {0, 1, kNew, 2}, {}},
                                        {{7, 5, 7}, {7, 7}, {0, 2}, {1}},
                                        {{5, 7}, {7, 7}, {1, kNew}, {0}}}));
  const Matching matching = reconcile(row.before, row.now);
  CHECK(matching.previous_of == row.previous_of);
  CHECK(matching.ended == row.ended);
}

TEST_CASE("each previous thing is matched once or ended") {
  std::mt19937 engine(1);
  for (int tried = 0; tried < 2000; ++tried) {
    std::vector<unsigned> before(engine() % 12), now(engine() % 12);
    for (auto* keys : {&before, &now}) {
      for (unsigned& key : *keys) {
        key = static_cast<unsigned>(engine() % 8);
      }
    }
    const Matching matching = reconcile(before, now);
    // Among equal keys the first is matched with the first.
    for (unsigned key = 0; key < 8; ++key) {
      std::size_t next = 0;
      for (std::size_t at = 0; at < now.size(); ++at) {
        while (next < before.size() && before[next] != key) {
          ++next;
        }
        if (now[at] == key) {
          REQUIRE(matching.previous_of[at] ==
                  (next < before.size() ? std::optional(next++) : std::nullopt));
        }
      }
    }
    std::vector<int> used(before.size(), 0);
    for (std::size_t at = 0; at < now.size(); ++at) {
      if (const auto known = matching.previous_of[at]) {
        REQUIRE(before[*known] == now[at]);
        ++used[*known];
      }
    }
    for (const std::size_t at : matching.ended) {
      ++used[at];
    }
    REQUIRE(std::all_of(used.begin(), used.end(), [](int count) { return count == 1; }));
  }
}

TEST_CASE("turns come at multiples of the interval and are never made up for") {
  using std::chrono::seconds;
  Schedule schedule(seconds(10));
  CHECK(schedule.due() == seconds(0));
  CHECK(schedule.take(seconds(0)) == 0);
  CHECK(schedule.due() == seconds(10));
  CHECK(schedule.take(seconds(12)) == 0);
  CHECK(schedule.due() == seconds(20));
  CHECK(schedule.take(seconds(57)) == 3);
  CHECK(schedule.due() == seconds(60));
  CHECK(schedule.take(seconds(60)) == 0);
  CHECK(schedule.due() == seconds(70));
}

}  // namespace sockwitness::recorder
