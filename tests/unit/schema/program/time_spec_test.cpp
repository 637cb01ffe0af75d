#include "schema/program/time_spec.h"

#include <catch2/catch.hpp>

#include "schema/base/error.h"

namespace sockwitness {

using schema::parse_time_spec;
using schema::WallTime;
using schema::Zone;

namespace {

// A Monday; in Berlin it is 04:30, in New York the evening before.
const WallTime kNow = *schema::parse_rfc3339("2026-11-23T03:30:00Z");

std::string read_as(const char* text, const Zone& zone) {
  const auto spec = parse_time_spec(text, kNow, zone, schema::Edge::Begin);
  if (const auto* seq = std::get_if<schema::Seq>(&spec)) {
    return "#" + std::to_string(seq->value());
  }
  return schema::format_utc(std::get<WallTime>(spec));
}

}  // namespace

TEST_CASE("times are read in the zone of the reader") {
  struct Row {
    const char* zone;
    const char* text;
    const char* utc;
  };
  const Row row = GENERATE(values<Row>({
      {"UTC", "now", "2026-11-23T03:30:00Z"},
      {"UTC", "#42", "#42"},
      {"UTC", "2026-11-23T03:10:00Z", "2026-11-23T03:10:00Z"},
      {"Europe/Berlin", "2026-11-23T03:10:00+02:00", "2026-11-23T01:10:00Z"},
      {"UTC", "2026-11-23 03:10", "2026-11-23T03:10:00Z"},
      {"UTC", "2026-11-23T03:10:15", "2026-11-23T03:10:15Z"},
      {"Europe/Berlin", "2026-11-23 03:10", "2026-11-23T02:10:00Z"},
      {"Europe/Berlin", "2026-07-01", "2026-06-30T22:00:00Z"},
      {"America/New_York", "2026-11-23 03:10", "2026-11-23T08:10:00Z"},
      {"Europe/Berlin", "today 14:00", "2026-11-23T13:00:00Z"},
      {"America/New_York", "today 14:00", "2026-11-22T19:00:00Z"},
      {"Europe/Berlin", "yesterday", "2026-11-21T23:00:00Z"},
      {"Europe/Berlin", "yesterday 03:10", "2026-11-22T02:10:00Z"},
      {"America/New_York", "yesterday 23:59:59", "2026-11-22T04:59:59Z"},
      {"UTC", "2h ago", "2026-11-23T01:30:00Z"},
      {"UTC", "-2h", "2026-11-23T01:30:00Z"},
      {"UTC", "90 minutes ago", "2026-11-23T02:00:00Z"},
      {"UTC", "-1w", "2026-11-16T03:30:00Z"},
      {"UTC", "2h", "2026-11-23T01:30:00Z"},
      {"UTC", "30d", "2026-10-24T03:30:00Z"},
      // Now is 03:30 of a Monday in UTC, 22:30 of a Sunday in New York.
      {"UTC", "03:30", "2026-11-23T03:30:00Z"},
      {"UTC", "03:31", "2026-11-22T03:31:00Z"},
      {"UTC", "02:40:15", "2026-11-23T02:40:15Z"},
      {"America/New_York", "22:31", "2026-11-22T03:31:00Z"},
      {"America/New_York", "02:40", "2026-11-22T07:40:00Z"},
      {"UTC", "2026-11", "2026-11-01T00:00:00Z"},
      {"Europe/Berlin", "2026-07", "2026-06-30T22:00:00Z"},
      {"UTC", "this month", "2026-11-01T00:00:00Z"},
      {"UTC", "last month", "2026-10-01T00:00:00Z"},
      {"UTC", "this week", "2026-11-23T00:00:00Z"},
      {"America/New_York", "this week", "2026-11-16T05:00:00Z"},
      {"UTC", "last week", "2026-11-16T00:00:00Z"},
      // Around the changes: forward in March, back in autumn.
      {"Europe/Berlin", "2026-03-29 01:59", "2026-03-29T00:59:00Z"},
      {"Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"},
      {"Europe/Berlin", "2026-10-25 01:59", "2026-10-24T23:59:00Z"},
      {"Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"},
      {"America/New_York", "2026-03-08 03:00", "2026-03-08T07:00:00Z"},
      {"America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z"},
      {"Asia/Kathmandu", "2026-11-23 03:10", "2026-11-22T21:25:00Z"},
      {"Australia/Lord_Howe", "2026-07-01 10:30", "2026-07-01T00:00:00Z"},
  }));
  CAPTURE(row.zone, row.text);
  CHECK(read_as(row.text, Zone::named(row.zone)) == row.utc);
}

TEST_CASE("a local time that happens twice or never is refused with both readings") {
  struct Row {
    const char* zone;
    const char* text;
    const char* what;
    const char* one;
    const char* other;
  };
  const Row row = GENERATE(values<Row>({
      {"Europe/Berlin",
       "2026-10-25 02:30",
       "twice",
       "2026-10-25T00:30:00Z",
       "2026-10-25T01:30:00Z"},
      {"Europe/Berlin",
       "2026-03-29 02:30",
       "never",
       "2026-03-29T01:30:00Z",
       "2026-03-29T00:30:00Z"},
      {"America/New_York",
       "2026-11-01 01:00",
       "twice",
       "2026-11-01T05:00:00Z",
       "2026-11-01T06:00:00Z"},
      {"America/New_York",
       "2026-03-08 02:00",
       "never",
       "2026-03-08T07:00:00Z",
       "2026-03-08T06:00:00Z"},
      // Midnight itself is missing there.
      {"Africa/Cairo", "2026-04-24", "never", "2026-04-23T22:00:00Z", "2026-04-23T21:00:00Z"},
  }));
  CAPTURE(row.zone, row.text);
  try {
    (void)parse_time_spec(row.text, kNow, Zone::named(row.zone), schema::Edge::Begin);
    FAIL("was accepted");
  } catch (const schema::Error& error) {
    CHECK(error.code() == schema::ExitCode::Usage);
    CHECK_THAT(error.message(), Catch::Contains(row.what) && Catch::Contains(row.zone));
    CHECK_THAT(error.hint(), Catch::Contains(row.one) && Catch::Contains(row.other));
  }
}

TEST_CASE("what is no time is refused with the grammar") {
  const char* text = GENERATE("",
                              "42",
                              "#0",
                              "#-1",
                              "#",
                              "#4x",
                              "tomorrow",
                              "2026-13-01",
                              "2026-02-30",
                              "2026-11-23 24:00",
                              "2026-11-23 3:10",
                              "2026-11-23 03:60",
                              "2026-11-23 03:10 x",
                              "today14:00",
                              "2 fortnights ago",
                              "-h",
                              "--2h",
                              "ago",
                              "99999999999999999999h ago",
                              "9223372036854775807w ago",
                              "24:00",
                              "3:10",
                              "2026-13",
                              "2026-1",
                              "2026-11-",
                              "last",
                              "last year",
                              "next month",
                              "2026-11-23T03:10:00+25:00",
                              "+026-11-23");
  CAPTURE(text);
  try {
    (void)parse_time_spec(text, kNow, Zone::utc(), schema::Edge::Begin);
    FAIL("was accepted");
  } catch (const schema::Error& error) {
    CHECK(error.code() == schema::ExitCode::Usage);
    CHECK(error.hint() == schema::time_grammar());
  }
}

// A time that was printed, cut to the second, found the snapshot before the one that it stood for.
TEST_CASE("a time without fractions ends with its second, one without seconds with its minute") {
  struct Row {
    const char* text;
    const char* begin;
    std::int64_t length;  // microseconds
  };
  const Row row = GENERATE(values<Row>({
      {"2026-11-23T03:10:15Z", "2026-11-23T03:10:15Z", 1'000'000},
      {"2026-11-23T03:10:15+02:00", "2026-11-23T01:10:15Z", 1'000'000},
      {"2026-11-23T03:10:15.25Z", "2026-11-23T03:10:15.25Z", 1},
      {"2026-11-23 03:10:15", "2026-11-23T03:10:15Z", 1'000'000},
      {"2026-11-23 03:10", "2026-11-23T03:10:00Z", 60'000'000},
      {"today 03:10", "2026-11-23T03:10:00Z", 60'000'000},
      {"2026-11-23", "2026-11-23T00:00:00Z", 1},
      {"yesterday", "2026-11-22T00:00:00Z", 1},
      {"2h ago", "2026-11-23T01:30:00Z", 1},
      {"now", "2026-11-23T03:30:00Z", 1},
  }));
  CAPTURE(row.text);
  const auto begin = *schema::parse_rfc3339(row.begin);
  const auto read = [&](schema::Edge edge) {
    return std::get<WallTime>(parse_time_spec(row.text, kNow, Zone::utc(), edge));
  };
  CHECK(read(schema::Edge::Begin) == begin);
  CHECK(read(schema::Edge::End).microseconds == begin.microseconds + row.length - 1);
}

TEST_CASE("a period ends with the last microsecond of a day, week or month") {
  const std::pair<const char*, const char*> row =
      GENERATE(values<std::pair<const char*, const char*>>({
          {"2026-11-22", "2026-11-23T00:00:00Z"},
          {"yesterday", "2026-11-23T00:00:00Z"},
          {"2026-02", "2026-03-01T00:00:00Z"},
          {"2026-12", "2027-01-01T00:00:00Z"},
          {"last month", "2026-11-01T00:00:00Z"},
          {"this week", "2026-11-30T00:00:00Z"},
          {"last week", "2026-11-23T00:00:00Z"},
      }));
  CAPTURE(row.first);
  const auto end =
      std::get<WallTime>(parse_time_spec(row.first, kNow, Zone::utc(), schema::Edge::DayEnd));
  CHECK(end.microseconds + 1 == schema::parse_rfc3339(row.second)->microseconds);
}

TEST_CASE("a misspelt word gets the nearest one") {
  try {
    (void)parse_time_spec("yestreday 14:00", kNow, Zone::utc(), schema::Edge::Begin);
    FAIL("was accepted");
  } catch (const schema::Error& error) {
    CHECK(error.hint().starts_with("did you mean 'yesterday'?\n"));
  }
}

TEST_CASE("zones are known by name or refused") {
  CHECK(Zone::named(":Europe/Berlin").name() == "Europe/Berlin");
  CHECK(Zone::named("").name() == "UTC");
  CHECK_THROWS_AS(Zone::named("Europe/Atlantis"), schema::Error);
  CHECK(schema::format_in_zone(kNow, Zone::utc()) == "2026-11-23 03:30:00Z");
  CHECK(schema::format_in_zone(kNow, Zone::named("Europe/Berlin")) == "2026-11-23 04:30:00+01:00");
  CHECK(schema::format_in_zone(kNow, Zone::named("America/St_Johns")) ==
        "2026-11-23 00:00:00-03:30");
}

}  // namespace sockwitness
