#include "query/app/time_range.h"

#include <algorithm>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/resolve.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::Seq;
using schema::TimeSpec;
using schema::WallTime;

std::string words_of(const TimeSpec& spec) {
  if (const auto* seq = std::get_if<Seq>(&spec)) {
    return fmt::format("#{}", seq->value());
  }
  return schema::format_utc(std::get<WallTime>(spec));
}

std::string words_of(const Moment& moment) {
  return fmt::format("#{} at {}", moment.seq.value(), schema::format_utc(moment.begin.wall));
}

// Both of the same kind; a number and an instant are compared as snapshots.
void require_order(const std::optional<TimeSpec>& since, const std::optional<TimeSpec>& until) {
  if (since && until && since->index() == until->index() && *until < *since) {
    throw Error(
        ExitCode::Usage,
        fmt::format(
            "reading --until '{}': before --since '{}'", words_of(*until), words_of(*since)),
        "swap them");
  }
}

bool clock_goes_back(const Moments& moments, std::size_t first, std::size_t last) {
  for (std::size_t at = first; at < last; ++at) {
    if (moments[at + 1].begin.wall < moments[at].begin.wall) {
      return true;
    }
  }
  return false;
}

std::string empty_note(const Moments& moments, std::size_t before) {
  return fmt::format("nothing was recorded within this time: the answer is that of snapshot {}{}",
                     words_of(moments[before]),
                     before + 1 < moments.size()
                         ? fmt::format("; the next one is {}", words_of(moments[before + 1]))
                         : std::string());
}

void add_thinned_note(const Moments& moments, TimeRange& period) {
  const auto& thinned = moments.thinned();
  const std::int64_t count = thinned ? thinned->count(period.snapshots) : 0;
  if (count == 0) {
    return;
  }
  const schema::SeqRange range = thinned->within(period.snapshots);
  period.note += fmt::format(
      "{}{} of snapshots {} to {} ({} to {}) {} thinned ({}): connections and processes that lived "
      "between two whole ones alone are not there",
      period.note.empty() ? "" : "; ",
      count,
      range.first.value(),
      range.last.value(),
      schema::format_utc(moments.wall(range.first)),
      schema::format_utc(moments.wall(range.last)),
      count == 1 ? "was" : "were",
      thinned->policy);
}

}  // namespace

void add_time_range(schema::Command command, TimeRangeOptions& options) {
  command.add_option(
      "--since", options.since, "T", "from this time on; default: the first snapshot");
  command.add_option("--until", options.until, "T", "up to this time; default: the last snapshot");
}

TimeRange choose_time_range(History& history,
                            const Moments& moments,
                            const std::optional<TimeSpec>& since,
                            const std::optional<TimeSpec>& until) {
  require_order(since, until);
  TimeRange period;
  period.since_words = since ? words_of(*since) : "the first snapshot";
  period.until_words = until ? words_of(*until) : "the last snapshot";
  const auto place_of = [&](const TimeSpec& spec, schema::Side side, std::string_view doing) {
    return moments.at_or_after(history.resolve(spec, side, doing));
  };
  const auto time_of = [](const std::optional<TimeSpec>& spec) {
    const auto* time = spec ? std::get_if<WallTime>(&*spec) : nullptr;
    return time == nullptr ? std::nullopt : std::optional(*time);
  };
  period.since = time_of(since);
  period.until = time_of(until);
  const std::size_t first = since ? place_of(*since, schema::Side::StateAt, "asking since") : 0;
  const std::size_t last =
      until ? place_of(*until, schema::Side::LastUntil, "asking until") : moments.size() - 1;
  if (last < first) {
    throw Error(ExitCode::Usage,
                fmt::format("asking from {} to {}: the end lies before the begin",
                            words_of(moments[first]),
                            words_of(moments[last])),
                "swap --since and --until");
  }
  period.empty = first == last && period.since && moments[first].begin.wall < *period.since;
  period.snapshots = {moments[first].seq, moments[last].seq};
  if (clock_goes_back(moments, first, last)) {
    period.note =
        "the clock was set back within this time: the order is that of the snapshots, not of the "
        "clock";
  }
  if (period.empty) {
    period.note = empty_note(moments, last);
  }
  add_thinned_note(moments, period);
  return period;
}

}  // namespace sockwitness::query
