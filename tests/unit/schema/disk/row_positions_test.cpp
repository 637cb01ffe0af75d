#include "schema/disk/row_positions.h"

#include <map>
#include <random>

#include <catch2/catch.hpp>

namespace sockwitness::schema {

TEST_CASE("a row is found where it is, however far apart the ids are") {
  std::mt19937_64 engine(1);
  const auto spread = GENERATE(values<std::uint64_t>({1, 3, 20, std::uint64_t{1} << 62U}));
  for (int tried = 0; tried < 200; ++tried) {
    RowPositions positions;
    std::map<RowId, std::uint32_t> expected;
    const auto count = static_cast<std::uint32_t>(engine() % 40);
    for (std::uint32_t at = 0; at < count; ++at) {
      const auto id = static_cast<RowId>(engine() % (spread * 40 == 0 ? spread : spread * 40)) - 7;
      positions.add(id, at);
      expected.emplace(id, at);  // the first of two
    }
    for (int asked = 0; asked < 100; ++asked) {
      const auto id = static_cast<RowId>(engine() % (spread * 50 == 0 ? spread : spread * 50)) - 20;
      const auto known = expected.find(id);
      REQUIRE(positions.find(id) ==
              (known == expected.end() ? std::nullopt : std::optional(known->second)));
    }
    for (const auto& [id, position] : expected) {
      REQUIRE(positions.find(id) == position);
    }
    // What is added after a question is found as well.
    positions.add(1'000'000'007, 99);
    REQUIRE(positions.find(1'000'000'007) == 99);
  }
}

TEST_CASE("ids at both ends of the numbers are told apart") {
  RowPositions positions;
  constexpr RowId kLeast = std::numeric_limits<RowId>::min();
  constexpr RowId kMost = std::numeric_limits<RowId>::max();
  CHECK(positions.find(kLeast) == std::nullopt);
  positions.add(kMost, 1);
  positions.add(kLeast, 0);
  CHECK(positions.find(kLeast) == 0U);
  CHECK(positions.find(kMost) == 1U);
  CHECK(positions.find(0) == std::nullopt);
}

}  // namespace sockwitness::schema
