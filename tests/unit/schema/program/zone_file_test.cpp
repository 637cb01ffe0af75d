#include "schema/program/zone_file.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/program/zone.h"

namespace sockwitness {

using schema::ZoneFile;
using schema::ZoneRule;

namespace {

constexpr const char* kFolder = "/usr/share/zoneinfo";

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// All zones of this machine; "right/" counts leap seconds, "posix/" repeats the rest.
std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  const std::filesystem::path folder = kFolder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(entry.path(), folder).native();
    if (entry.is_regular_file() && !name.starts_with("right/") && !name.starts_with("posix/") &&
        read_bytes(entry.path().native()).starts_with("TZif")) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The C library, as another reader of the same files.
class TheirZone {
 public:
  explicit TheirZone(const std::string& name) {
    if (const char* set = std::getenv("TZ")) {
      before_ = set;
    }
    setenv("TZ", name.c_str(), 1);
    tzset();
  }
  ~TheirZone() {
    if (before_) {
      setenv("TZ", before_->c_str(), 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }
  TheirZone(const TheirZone&) = delete;
  TheirZone& operator=(const TheirZone&) = delete;

  [[nodiscard]] static std::int64_t offset_at(std::int64_t seconds) {
    const time_t at = seconds;
    tm civil{};
    localtime_r(&at, &civil);
    return civil.tm_gmtoff;
  }
  // The instants at which clocks there show this time.
  [[nodiscard]] static std::set<std::int64_t> instants(std::int64_t local) {
    std::set<std::int64_t> found;
    constexpr std::int64_t kHour = 3600;
    for (std::int64_t hours = -27; hours <= 27; ++hours) {
      const std::int64_t at = local - offset_at(local + hours * kHour);
      if (at + offset_at(at) == local) {
        found.insert(at);
      }
    }
    return found;
  }

 private:
  std::optional<std::string> before_;
};

constexpr std::int64_t kYear = 31'556'952;

}  // namespace

TEST_CASE("a zone has the offsets that the C library reads from the same file") {
  const auto names = zone_names();
  if (names.empty()) {
    WARN("this machine has no time zones");
    return;
  }
  std::mt19937_64 random(5);
  std::uniform_int_distribution<std::int64_t> instants(-130 * kYear, 130 * kYear);
  std::size_t compared = 0;
  for (const std::string& name : names) {
    const auto zone = ZoneFile::parse(read_bytes(std::string(kFolder) + "/" + name));
    INFO(name);
    REQUIRE(zone);
    const TheirZone theirs(name);
    for (int turn = 0; turn < 60; ++turn) {
      const std::int64_t at = instants(random);
      if (zone->offset_at(at) != TheirZone::offset_at(at)) {
        INFO(at);
        CHECK(zone->offset_at(at) == TheirZone::offset_at(at));
      }
      ++compared;
    }
    for (const schema::ZoneChange& change : zone->changes(-60 * kYear, 120 * kYear)) {
      for (const std::int64_t at : {change.at - 1, change.at}) {
        if (zone->offset_at(at) != TheirZone::offset_at(at)) {
          INFO(at);
          CHECK(zone->offset_at(at) == TheirZone::offset_at(at));
        }
        ++compared;
      }
    }
  }
  CHECK(compared > 10'000);
}

TEST_CASE("a local time means the instants at which the C library shows it") {
  std::size_t twice = 0;
  std::size_t never = 0;
  for (const std::string& name : zone_names()) {
    const auto file = ZoneFile::parse(read_bytes(std::string(kFolder) + "/" + name));
    REQUIRE(file);
    const auto zone = schema::Zone::named(name);
    const TheirZone theirs(name);
    INFO(name);
    // This century: one zone once changed twice within a day, for which no reading is the only one.
    for (const schema::ZoneChange& change : file->changes(31 * kYear, 75 * kYear)) {
      for (const std::int64_t beside : {-1, 0, 1, 1800, 86'400}) {
        const std::int64_t local = change.at + std::min(change.before, change.after) + beside;
        const auto reading = zone.resolve(local);
        const auto expected = TheirZone::instants(local);
        std::set<std::int64_t> found;
        for (const schema::WallTime time : reading.instants) {
          found.insert(time.microseconds / 1'000'000);
        }
        twice += expected.size() == 2 ? 1U : 0U;
        never += expected.empty() ? 1U : 0U;
        INFO(local);
        if (reading.exists != !expected.empty() || (reading.exists && found != expected)) {
          CHECK(reading.exists == !expected.empty());
          CHECK(found == expected);
        }
      }
    }
  }
  if (!zone_names().empty()) {
    CHECK(twice > 100);
    CHECK(never > 100);
  }
}

TEST_CASE("rules for years to come are understood whole or not at all") {
  struct Row {
    const char* text;
    std::int64_t summer_2050, winter_2050;
  };
  const Row row = GENERATE(values<Row>({{"UTC0", 0, 0},
                                        {"<+0545>-5:45", 20700, 20700},
                                        {"CET-1CEST,M3.5.0,M10.5.0/3", 7200, 3600},
                                        {"NST3:30NDT,M3.2.0,M11.1.0", -9000, -12600},
                                        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 36000, 39600},
                                        {"IST-1GMT0,M10.5.0,M3.5.0/1", 3600, 0},
                                        {"XXT3YYT2,J60/0,300/-24", -7200, -10800}}));
  const auto rule = ZoneRule::parse(row.text);
  INFO(row.text);
  REQUIRE(rule);
  CHECK(rule->offset_at(2'540'592'000) == row.summer_2050);  // 2050-07-05
  CHECK(rule->offset_at(2'525'040'000) == row.winter_2050);  // 2050-01-06
  const char* wrong = GENERATE("",
                               "CE-1",
                               "CET",
                               "CET-1CEST",
                               "CET-1CEST,M3.5.0",
                               "CET-1CEST,M13.5.0,M10.5.0",
                               "CET-1CEST,M3.6.0,M10.5.0",
                               "CET-1CEST,M3.5.0,M10.5.0/200",
                               "CET-1CEST,J0,J365",
                               "CET-1CEST,M3.5.0,M10.5.0x",
                               "<CET-1");
  INFO(wrong);
  CHECK_FALSE(ZoneRule::parse(wrong));
}

TEST_CASE("a zone's file that is cut off or damaged is none") {
  const std::string whole = read_bytes("/usr/share/zoneinfo/Europe/Berlin");
  if (whole.empty()) {
    WARN("this machine has no time zones");
    return;
  }
  for (std::size_t length = 0; length < whole.size(); ++length) {
    REQUIRE_FALSE(ZoneFile::parse(whole.substr(0, length)));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xFF);
    static_cast<void>(ZoneFile::parse(damaged));
  }
  CHECK_FALSE(ZoneFile::parse(""));
}

TEST_CASE("the name of a zone is no path") {
  for (const char* name :
       {"../../../etc/passwd", "/etc/localtime", "right/Europe/Berlin", "Europe", "zone.tab"}) {
    INFO(name);
    CHECK_THROWS(schema::Zone::named(name));
  }
}

}  // namespace sockwitness
