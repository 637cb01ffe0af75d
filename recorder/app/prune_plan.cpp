#include "recorder/app/prune_plan.h"

#include <array>
#include <limits>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/program/time_spec.h"

namespace sockwitness::recorder {
namespace {

using schema::Error;
using schema::ExitCode;

std::optional<std::int64_t> parse_size(std::string_view text) {
  const auto number = schema::scan_number<std::int64_t>(text);
  constexpr std::string_view kUnits = "KMGT";
  if (!number || *number <= 0 || text.size() != 1 || kUnits.find(text.front()) == kUnits.npos) {
    return std::nullopt;
  }
  const int shift = 10 * (1 + static_cast<int>(kUnits.find(text.front())));
  if (*number > (std::numeric_limits<std::int64_t>::max() >> shift)) {
    return std::nullopt;
  }
  return *number << shift;
}

constexpr const char* kThinHint = "say how much stays, and of what age on: --thin 1h after 30d";

std::int64_t read_length(const std::string& word) {
  const auto length = schema::parse_duration(word);
  if (!length || *length <= 0) {
    throw Error(
        ExitCode::Usage, fmt::format("reading --thin '{}': not a length of time", word), kThinHint);
  }
  return *length;
}

void read_thinning(const PruneOptions& options, PrunePolicy& policy) {
  std::istringstream words(fmt::format("{}", fmt::join(options.thin, " ")));
  std::string step;
  std::string after;
  std::string age;
  std::string more;
  words >> step >> after >> age >> more;
  if (after != "after" || age.empty() || !more.empty()) {
    throw Error(ExitCode::Usage,
                fmt::format("reading --thin '{}': not of the form STEP after AGE", words.str()),
                kThinHint);
  }
  policy.thin = ThinPolicy{read_length(step), read_length(age)};
  policy.thin_words = fmt::format("--thin {} after {}", step, age);
}

}  // namespace

PrunePolicy read_policy(const PruneOptions& options) {
  PrunePolicy policy;
  if (options.keep.empty() && options.max_size.empty() && options.thin.empty()) {
    throw Error(ExitCode::Usage,
                "reading the command line: prune alone does not say what stays",
                "say how long, or how much: sockwitness-recorder prune --keep 400d");
  }
  if (!options.keep.empty()) {
    policy.keep_us = schema::parse_duration(options.keep);
    if (!policy.keep_us || *policy.keep_us <= 0) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading --keep '{}': not a length of time", options.keep),
                  "give a number and h, d or w: --keep 400d");
    }
    policy.words = "--keep " + options.keep;
  }
  if (!options.max_size.empty()) {
    policy.max_bytes = parse_size(options.max_size);
    if (!policy.max_bytes) {
      throw Error(ExitCode::Usage,
                  fmt::format("reading --max-size '{}': not a size", options.max_size),
                  "give a number and K, M, G or T: --max-size 2G");
    }
    policy.words += (policy.words.empty() ? "--max-size " : " --max-size ") + options.max_size;
  }
  if (!options.thin.empty()) {
    read_thinning(options, policy);
  }
  return policy;
}

std::string size_words(std::int64_t bytes) {
  constexpr std::array kUnits{"bytes", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 1000 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace sockwitness::recorder
