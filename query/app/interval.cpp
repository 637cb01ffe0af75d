#include "query/app/interval.h"

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/program/time_spec.h"

namespace sockwitness::query {

void add_expect_every(schema::Command command, std::optional<std::string>& target) {
  command.add_option("--expect-every",
                     target,
                     "INTERVAL",
                     "name runs that are missing from this schedule, up to now; default: the "
                     "interval that a loop states, or the usual one");
}

std::optional<std::int64_t> read_interval(std::string_view option,
                                          const std::optional<std::string>& text) {
  if (!text) {
    return std::nullopt;
  }
  const auto interval = schema::parse_duration(*text);
  if (!interval || *interval == 0) {
    throw schema::Error(schema::ExitCode::Usage,
                        fmt::format("reading {} '{}': not an interval", option, *text),
                        fmt::format("give a number and s, m, h, d or w: {} 5m", option));
  }
  return interval;
}

}  // namespace sockwitness::query
