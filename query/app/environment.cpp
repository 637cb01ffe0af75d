#include "query/app/environment.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace sockwitness::query {
namespace {

std::string read_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

schema::WallTime read_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

std::string find_database(const GlobalOptions& options) {
  if (!options.database.empty()) {
    return options.database;
  }
  if (std::string path = read_variable("SOCKWITNESS_DB"); !path.empty()) {
    return path;
  }
  if (geteuid() == 0) {
    return "/var/lib/sockwitness/witness.db";
  }
  std::string state = read_variable("XDG_STATE_HOME");
  if (state.empty()) {
    state = read_variable("HOME") + "/.local/state";
  }
  return state + "/sockwitness/witness.db";
}

Zone read_input_zone(const GlobalOptions& options) {
  return options.utc ? Zone::utc() : Zone::read_system();
}

ClockFace read_clock_face(const GlobalOptions& options) {
  const Zone zone = options.local ? Zone::read_system() : Zone::utc();
  return [zone](schema::WallTime time) { return format_in_zone(time, zone); };
}

PortNames read_port_names() {
  std::ifstream file("/etc/services", std::ios::binary);
  if (!file) {
    return {};
  }
  return PortNames::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace sockwitness::query
