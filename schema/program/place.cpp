#include "schema/program/place.h"

#include <unistd.h>

#include <cstdlib>

namespace sockwitness::schema {
namespace {

std::string read_variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread starts
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

DatabasePlace find_database(const std::string& option) {
  if (!option.empty()) {
    return {option, false};
  }
  if (std::string path = read_variable("SOCKWITNESS_DB"); !path.empty()) {
    return {std::move(path), false};
  }
  if (geteuid() == 0) {
    return {"/var/lib/sockwitness/witness.db", true};
  }
  std::string state = read_variable("XDG_STATE_HOME");
  if (state.empty()) {
    state = read_variable("HOME") + "/.local/state";
  }
  return {state + "/sockwitness/witness.db", true};
}

}  // namespace sockwitness::schema
