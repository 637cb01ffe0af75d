#include "schema/base/time.h"

#include <catch2/catch.hpp>

namespace sockwitness::schema {

TEST_CASE("RFC 3339 with an offset is accepted") {
  struct Row {
    const char* text;
    std::int64_t microseconds;
  };
  const Row row = GENERATE(values<Row>({{"1970-01-01T00:00:00Z", 0},
                                        {"1970-01-01t00:00:00z", 0},
                                        {"1970-01-01 00:00:01Z", 1'000'000},
                                        {"1970-01-01T00:00:00.1Z", 100'000},
                                        {"1970-01-01T00:00:00.123456789Z", 123'456},
                                        {"1970-01-01T02:00:00+02:00", 0},
                                        {"1969-12-31T16:00:00-08:00", 0},
                                        {"1969-12-31T23:59:59.999999Z", -1},
                                        {"2024-02-29T00:00:00Z", 1'709'164'800'000'000},
                                        {"2026-11-23T03:30:00Z", 1'795'404'600'000'000},
                                        {"9999-12-31T23:59:59Z", 253'402'300'799'000'000}}));
  CAPTURE(row.text);
  const auto time = parse_rfc3339(row.text);
  REQUIRE(time);
  CHECK(time->microseconds == row.microseconds);
  CHECK(parse_rfc3339(format_utc_micros(*time)) == time);
}

TEST_CASE("anything else is no RFC 3339 time") {
  const char* text = GENERATE("",
                              "2026-11-23",
                              "2026-11-23T03:30:00",
                              "2026-11-23T03:30Z",
                              "2026-1-23T03:30:00Z",
                              "2026-13-01T00:00:00Z",
                              "2026-00-01T00:00:00Z",
                              "2023-02-29T00:00:00Z",
                              "2026-04-31T00:00:00Z",
                              "2026-11-23T24:00:00Z",
                              "2026-11-23T03:60:00Z",
                              "2026-11-23T03:30:60Z",
                              "2026-11-23T03:30:00.Z",
                              "2026-11-23T03:30:00.1234567890Z",
                              "2026-11-23T03:30:00+0200",
                              "2026-11-23T03:30:00+24:00",
                              "2026-11-23T03:30:00+02:60",
                              "2026-11-23T03:30:00Zx",
                              " 2026-11-23T03:30:00Z",
                              "-026-11-23T03:30:00Z",
                              "+2026-11-23T03:30:00Z",
                              "2026-11-23T-3:30:00Z");
  CAPTURE(text);
  CHECK_FALSE(parse_rfc3339(text));
}

TEST_CASE("times are written in UTC") {
  CHECK(format_utc_micros({1'795'404'600'000'001}) == "2026-11-23T03:30:00.000001Z");
  CHECK(format_utc({1'795'404'600'999'999}) == "2026-11-23T03:30:00Z");
  CHECK(format_utc_micros({-1}) == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("an age is one unit, rounded down") {
  struct Row {
    std::int64_t seconds;
    const char* text;
  };
  const Row row = GENERATE(values<Row>({{-5, "now"},
                                        {0, "now"},
                                        {1, "1s"},
                                        {59, "59s"},
                                        {60, "1m"},
                                        {3599, "59m"},
                                        {3600, "1h"},
                                        {86'399, "23h"},
                                        {86'400, "1d"},
                                        {729 * 86'400, "729d"},
                                        {730 * 86'400, "2y"}}));
  CHECK(format_age(std::chrono::seconds(row.seconds)) == row.text);
}

}  // namespace sockwitness::schema
