#include "schema/program/zone.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/program/zone_file.h"

namespace sockwitness::schema {

struct Zone::Rules {
  ZoneFile file;
};

namespace {

constexpr std::string_view kZoneFolder = "/usr/share/zoneinfo/";
constexpr std::string_view kSystemZone = "/etc/localtime";

// No clock is set further than this from UTC; a change further away than it has no part in a day.
constexpr std::int64_t kFurthest = 26 * 3600;

std::int64_t floor_seconds(WallTime time) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t seconds = time.microseconds / kSecond;
  return time.microseconds % kSecond < 0 ? seconds - 1 : seconds;
}

WallTime instant(std::int64_t seconds) {
  return {seconds * 1'000'000};
}

// A name as in the list of zones, and not a path to somewhere else; "right/" counts leap seconds.
bool is_zone_name(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
         name.find('\0') == std::string_view::npos && !name.starts_with("right/");
}

std::optional<ZoneFile> read_zone(const std::string& name) {
  const std::string path = std::string(kZoneFolder) + name;
  struct stat status {};
  if (!is_zone_name(name) || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  return ZoneFile::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::string_view hint_for_unknown() {
  struct stat status {};
  return ::stat(std::string(kZoneFolder).c_str(), &status) == 0
             ? "set TZ to a name as 'Europe/Berlin', or use --utc"
             : "this machine has no list of time zones (/usr/share/zoneinfo): unset TZ, or use "
               "--utc";
}

// Of the zone that the system's link leads to, or that Debian notes in a file beside it.
std::string read_system_name() {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlink(kSystemZone.data(), target.data(), target.size());
  const std::string_view path(target.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  constexpr std::string_view kFolder = "zoneinfo/";
  if (const auto at = path.find(kFolder); at != std::string_view::npos) {
    return std::string(path.substr(at + kFolder.size()));
  }
  std::ifstream file("/etc/timezone");
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace

Zone::Zone(std::string name, std::shared_ptr<const Rules> rules)
    : name_(std::move(name)), rules_(std::move(rules)) {
}

Zone Zone::utc() {
  return {"UTC", std::make_shared<Rules>(Rules{ZoneFile::fixed(0)})};
}

Zone Zone::named(const std::string& name) {
  std::string plain = name.starts_with(':') ? name.substr(1) : name;
  if (plain.starts_with(kZoneFolder)) {
    plain.erase(0, kZoneFolder.size());
  }
  if (plain.empty() || plain == "UTC" || plain == "UTC0") {
    return utc();
  }
  auto file = read_zone(plain);
  if (!file) {
    throw Error(ExitCode::Usage,
                fmt::format("reading the time zone '{}': unknown", name),
                std::string(hint_for_unknown()));
  }
  return {plain, std::make_shared<Rules>(Rules{std::move(*file)})};
}

Zone Zone::read_system() {
  if (const char* variable = std::getenv("TZ"); variable != nullptr) {
    return named(variable);
  }
  const std::string name = read_system_name();
  auto file = name == "UTC" ? std::nullopt : read_zone(name);
  // As the C library does on a system without a zone.
  return file ? Zone(name, std::make_shared<Rules>(Rules{std::move(*file)})) : utc();
}

LocalReading Zone::resolve(std::int64_t local_seconds) const {
  const ZoneFile& file = rules_->file;
  const auto near = file.changes(local_seconds - kFurthest, local_seconds + kFurthest);
  for (const ZoneChange& change : near) {
    const std::int64_t until = change.at + change.before;  // by the clocks before
    const std::int64_t from = change.at + change.after;    // by the clocks after
    if (std::min(until, from) <= local_seconds && local_seconds < std::max(until, from)) {
      // Twice when they were set back, never when they were set forward.
      return {from < until,
              {instant(local_seconds - change.before), instant(local_seconds - change.after)}};
    }
  }
  std::int64_t offset = file.offset_at(local_seconds - kFurthest);
  for (const ZoneChange& change : near) {
    offset = local_seconds >= change.at + change.after ? change.after : offset;
  }
  return {true, {instant(local_seconds - offset)}};
}

std::int64_t Zone::offset_seconds(WallTime time) const {
  return rules_->file.offset_at(floor_seconds(time));
}

std::string format_in_zone(WallTime time, const Zone& zone) {
  const std::int64_t offset = zone.offset_seconds(time);
  std::string text = format_utc({time.microseconds + offset * 1'000'000});
  text.replace(text.find('T'), 1, " ");
  if (zone.name() == "UTC") {
    return text;
  }
  text.pop_back();
  const std::int64_t minutes = std::abs(offset) / 60;
  return text + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace sockwitness::schema
