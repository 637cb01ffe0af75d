#include "schema/program/suggest.h"

#include <vector>

#include <catch2/catch.hpp>

namespace sockwitness {

TEST_CASE("the nearest known word is named, and none when none is near") {
  const std::vector<std::string> known{"show", "snapshots", "diff", "LISTEN"};
  struct Row {
    const char* typed;
    const char* nearest;
  };
  const Row row = GENERATE(values<Row>({{"shwo", "show"},
                                        {"sho", "show"},
                                        {"snapshot", "snapshots"},
                                        {"snap", "snapshots"},
                                        {"sn", ""},
                                        {"dif", "diff"},
                                        {"listen", "LISTEN"},
                                        {"listing", "LISTEN"},
                                        {"xyzzy", ""},
                                        {"", ""}}));
  CAPTURE(row.typed);
  CHECK(schema::nearest_word(row.typed, known) == row.nearest);
}

TEST_CASE("without a near word all are named") {
  const std::vector<std::string> known{"one", "two"};
  const auto error = schema::unknown_word("--x", "zzzzzz", known);
  CHECK(error.code() == schema::ExitCode::Usage);
  CHECK(error.message() == "reading --x 'zzzzzz': unknown word");
  CHECK(error.hint() == "known are: one, two");
}

}  // namespace sockwitness
