#include "query/report/answers/status_report.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "query/report/records/records.h"

namespace sockwitness::query {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

std::string_view word_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::Stale:
      return "stale";
    case Trouble::Missed:
      return "missed_runs";
    case Trouble::Waiting:
      return "waiting";
    case Trouble::LittleRoom:
      return "little_room";
    case Trouble::FullSoon:
      return "full_soon";
    case Trouble::ClockBehind:
      break;
  }
  return "clock_behind";
}

// "3 h", "2 min": the largest unit of which there are two or more.
std::string rough_duration(std::int64_t microseconds) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr std::array kUnits{Unit{86'400, "days"}, Unit{3600, "h"}, Unit{60, "min"}};
  const std::int64_t seconds = std::abs(microseconds) / kSecond;
  for (const Unit& unit : kUnits) {
    if (seconds >= 2 * unit.seconds) {
      return fmt::format("{} {}", seconds / unit.seconds, unit.name);
    }
  }
  return fmt::format("{} s", seconds);
}

std::string size_words(double bytes) {
  constexpr std::array kUnits{"bytes", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} bytes", bytes)
                   : fmt::format("{:.1f} {}", bytes, kUnits.at(unit));
}

std::string trouble_words(Trouble trouble, const Health& health, const Room& room) {
  switch (trouble) {
    case Trouble::Stale:
      return fmt::format("nothing was recorded for {}: is the timer or cron's file still there?",
                         rough_duration(health.age_us));
    case Trouble::Missed:
      return fmt::format("{} run{} of the last day gave no snapshot: sockwitness snapshots",
                         health.missed,
                         health.missed == 1 ? "" : "s");
    case Trouble::Waiting:
      return fmt::format("{} snapshot{} beside the file: the next run takes them in",
                         health.waiting,
                         health.waiting == 1 ? " waits" : "s wait");
    case Trouble::LittleRoom:
      return fmt::format(
          "the file system is {} % full; what is old can go: sockwitness-recorder prune",
          room.fill_percent());
    case Trouble::FullSoon:
      return fmt::format(
          "at this pace the file system is full in {} days; see: sockwitness-recorder prune --help",
          *health.full_in_days);
    case Trouble::ClockBehind:
      break;
  }
  return fmt::format("the latest snapshot is {} ahead of this clock",
                     rough_duration(health.age_us));
}

Value optional_number(const std::optional<std::int64_t>& number) {
  return number ? Value(*number) : Value();
}

std::string runs_words(const Health& health) {
  const std::string missed = fmt::format(
      "{} missed in the last day", health.missed == 0 ? "none" : std::to_string(health.missed));
  constexpr std::int64_t kSecondUs = 1'000'000;
  if (!health.usual_us) {
    return fmt::format("one so far; {}", missed);
  }
  const std::string usual = *health.usual_us < kSecondUs
                                ? "less than a second apart"
                                : "every " + rough_duration(*health.usual_us);
  return fmt::format("{} as a rule; {}", usual, missed);
}

std::string growth_words(const Health& health, const std::string& since) {
  return health.bytes_a_day
             ? fmt::format(
                   "{} a day since {}", size_words(static_cast<double>(*health.bytes_a_day)), since)
             : "too young for a forecast";
}

}  // namespace

Document build_status(const StatusInput& input) {
  const Health& health = input.health;
  Document document;
  document.format = "sockwitness.status/1";
  document.rows_key = "troubles";
  document.seq = input.latest.seq.value();
  document.row_format = "sockwitness.trouble/1";
  document.head = {
      {"database", input.database},
      {"latest", snapshot_value(input.latest, {}, {})},
      {"first_taken_at", time_value(input.first)},
      {"age_seconds", health.age_us / kSecond},
      {"usual_interval_seconds", health.usual_us ? Value(*health.usual_us / kSecond) : Value()},
      {"missed_last_day", static_cast<std::int64_t>(health.missed)},
      {"waiting", static_cast<std::int64_t>(health.waiting)},
      {"bytes", static_cast<std::int64_t>(input.room.used)},
      {"bytes_a_day", optional_number(health.bytes_a_day)},
      {"free_bytes", static_cast<std::int64_t>(input.room.free)},
      {"full_in_days", optional_number(health.full_in_days)},
      {"fill_percent", input.room.fill_percent()},
      {"spare_bytes", static_cast<std::int64_t>(input.room.spare)}};
  for (const Trouble trouble : health.troubles) {
    document.rows.push_back(Value::Object{{"kind", word_of(trouble)},
                                          {"message", trouble_words(trouble, health, input.room)}});
  }
  document.columns = words("kind message");
  return document;
}

std::string monitoring_line(const StatusInput& input) {
  const Health& health = input.health;
  std::string words;
  for (const Trouble trouble : health.troubles) {
    words += (words.empty() ? "" : "; ") + trouble_words(trouble, health, input.room);
  }
  if (words.empty()) {
    words = fmt::format("snapshot {} is {} old",
                        input.latest.seq.value(),
                        rough_duration(std::max<std::int64_t>(health.age_us, 0)));
  }
  return fmt::format(
      "SOCKWITNESS {} - {} | age={}s missed={} gaps={} waiting={} size={}B free={}B\n",
      health.troubles.empty() ? "OK" : "WARNING",
      words,
      health.age_us / kSecond,
      health.missed,
      input.latest.totals.gaps,
      health.waiting,
      input.room.used,
      input.room.free);
}

Page lay_out_status(const StatusInput& input, const ClockFace& clock) {
  const Health& health = input.health;
  Page page;
  page.add(SafeText::host(input.latest.context.host_name) + " · " + SafeText::host(input.database),
           Style::Strong);
  Table table{{{""}, {""}}, {}, false};
  const auto add = [&](const char* what, const std::string& text) {
    table.rows.push_back({{SafeText::own(what), Style::Faint}, {SafeText::own(text)}});
  };
  add("latest",
      fmt::format("snapshot {}, {}, {} ago, {}",
                  input.latest.seq.value(),
                  clock(input.latest.begin.wall),
                  rough_duration(std::max<std::int64_t>(health.age_us, 0)),
                  input.latest.complete() ? std::string("complete")
                                          : fmt::format("{} gap{}",
                                                        input.latest.totals.gaps,
                                                        input.latest.totals.gaps == 1 ? "" : "s")));
  add("runs", runs_words(health));
  add("file",
      fmt::format(
          "{}{}; {}",
          size_words(static_cast<double>(input.room.used)),
          input.room.spare == 0
              ? std::string()
              : fmt::format(" ({} of it free)", size_words(static_cast<double>(input.room.spare))),
          growth_words(health, clock(input.first))));
  add("room",
      fmt::format("{} free ({} % full){}",
                  size_words(static_cast<double>(input.room.free)),
                  input.room.fill_percent(),
                  health.full_in_days ? fmt::format(", for {} days", *health.full_in_days) : ""));
  page.add(std::move(table));
  for (const Trouble trouble : health.troubles) {
    page.add(SafeText::own(trouble_words(trouble, health, input.room)), Style::Warning);
  }
  return page;
}

}  // namespace sockwitness::query
