#include "query/app/environment.h"

#include <chrono>
#include <fstream>
#include <iterator>

#include "schema/program/place.h"

namespace sockwitness::query {
schema::WallTime read_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

std::string find_database(const GlobalOptions& options) {
  return schema::find_database(options.database).path;
}

std::optional<schema::TimeSpec> read_time(const GlobalOptions& options,
                                          const std::optional<std::string>& text,
                                          schema::WallTime now,
                                          schema::Edge edge) {
  if (!text) {
    return std::nullopt;
  }
  return schema::parse_time_spec(
      *text, now, options.utc ? schema::Zone::utc() : schema::Zone::read_system(), edge);
}

ClockFace read_clock_face(const GlobalOptions& options) {
  const schema::Zone zone = options.local ? schema::Zone::read_system() : schema::Zone::utc();
  return [zone](schema::WallTime time) { return schema::format_in_zone(time, zone); };
}

PortNames read_port_names() {
  std::ifstream file("/etc/services", std::ios::binary);
  if (!file) {
    return {};
  }
  return PortNames::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace sockwitness::query
