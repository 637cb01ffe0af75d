// Rows of an engine: read in their order, or refused with the line.
#include "query/fleet/engine_rows.h"

#include <catch2/catch.hpp>

#include "schema/base/error.h"

namespace sockwitness {

using namespace query;
using Kind = EngineValue::Kind;

TEST_CASE("engine rows: members in their order") {
  const auto rows = parse_engine_rows(
      "{\"host\":\"a\",\"n\":\"18446744073709551615\",\"x\":null,\"l\":[\"p\",1],\"b\":true}\n\n"
      "{\"n\":-3,\"f\":1.5,\"o\":{\"k\":1}}");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0][0] == std::pair(std::string("host"), EngineValue{Kind::Text, "a", {}}));
  CHECK(rows[0][1].second == EngineValue{Kind::Text, "18446744073709551615", {}});
  CHECK(rows[0][2].second == EngineValue{});
  CHECK(rows[0][3].second == EngineValue{Kind::List, {}, {"p", "1"}});
  CHECK(rows[0][4].second == EngineValue{Kind::Text, "true", {}});
  CHECK(rows[1][0].second == EngineValue{Kind::Number, "-3", {}});
  CHECK(rows[1][2].second == EngineValue{Kind::Text, "{\"k\":1}", {}});
  CHECK(parse_engine_rows("").empty());
}

TEST_CASE("engine rows: what is no row is refused") {
  for (const std::string& text : {std::string("nonsense"),
                                  std::string("[1]"),
                                  std::string("{\"a\":1"),
                                  std::string("{\"a\":\"\xff\"}"),
                                  std::string("{\"a\":1}{\"a\":2}"),
                                  "{\"a\":" + std::string(100'000, '[') + "}"}) {
    CHECK_THROWS_AS(parse_engine_rows("{\"ok\":1}\n" + text), schema::Error);
  }
}

}  // namespace sockwitness
