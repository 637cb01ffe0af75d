#include "schema/program/zone.h"

#include <cstdlib>
#include <functional>
#include <stdexcept>

#include <date/tz.h>
#include <fmt/format.h>

#include "schema/base/error.h"

namespace sockwitness::schema {

struct Zone::Rules {
  std::function<date::local_info(date::local_seconds)> of_local;
  std::function<std::int64_t(date::sys_seconds)> offset;
};

namespace {

constexpr std::string_view kZoneFolder = "/usr/share/zoneinfo/";

WallTime instant(std::int64_t local_seconds, std::chrono::seconds offset) {
  return {(local_seconds - offset.count()) * 1'000'000};
}

}  // namespace

Zone::Zone(std::string name, std::shared_ptr<const Rules> rules)
    : name_(std::move(name)), rules_(std::move(rules)) {
}

Zone Zone::utc() {
  auto rules = std::make_shared<Rules>();
  rules->of_local = [](date::local_seconds) { return date::local_info{}; };
  rules->offset = [](date::sys_seconds) { return std::int64_t{0}; };
  return {"UTC", std::move(rules)};
}

Zone Zone::named(const std::string& name) {
  std::string plain = name.starts_with(':') ? name.substr(1) : name;
  if (plain.starts_with(kZoneFolder)) {
    plain.erase(0, kZoneFolder.size());
  }
  if (plain.empty() || plain == "UTC" || plain == "UTC0") {
    return utc();
  }
  auto rules = std::make_shared<Rules>();
  try {
    const date::time_zone* zone = date::locate_zone(plain);
    rules->of_local = [zone](date::local_seconds time) { return zone->get_info(time); };
    rules->offset = [zone](date::sys_seconds time) {
      return std::int64_t{zone->get_info(time).offset.count()};
    };
    return {plain, std::move(rules)};
  } catch (const std::runtime_error&) {
    throw Error(ExitCode::Usage,
                fmt::format("reading the time zone '{}': unknown", name),
                "set TZ to a name as 'Europe/Berlin', or use --utc");
  }
}

Zone Zone::read_system() {
  if (const char* variable = std::getenv("TZ"); variable != nullptr) {
    return named(variable);
  }
  try {
    return named(date::current_zone()->name());
  } catch (const std::runtime_error&) {
    return utc();  // as the C library does on a system without /etc/localtime
  }
}

LocalReading Zone::resolve(std::int64_t local_seconds) const {
  const date::local_seconds time{std::chrono::seconds{local_seconds}};
  const date::local_info info = rules_->of_local(time);
  LocalReading reading{info.result != date::local_info::nonexistent,
                       {instant(local_seconds, info.first.offset)}};
  if (info.result != date::local_info::unique) {
    reading.instants.push_back(instant(local_seconds, info.second.offset));
  }
  return reading;
}

std::int64_t Zone::offset_seconds(WallTime time) const {
  const auto point =
      date::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time.microseconds));
  return rules_->offset(date::floor<std::chrono::seconds>(point));
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
