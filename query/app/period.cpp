#include "query/app/period.h"

#include <algorithm>

#include <fmt/format.h>

#include "schema/base/error.h"

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

void require_snapshot(const Moments& moments, std::string_view option, const TimeSpec& spec) {
  const auto* seq = std::get_if<Seq>(&spec);
  if (seq != nullptr && !moments.find(*seq)) {
    throw Error(ExitCode::Usage,
                fmt::format("reading {} '#{}': no such snapshot", option, seq->value()),
                fmt::format("there are #{} to #{}; try: sockwitness snapshots",
                            moments[0].seq.value(),
                            moments[moments.size() - 1].seq.value()));
  }
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

// The last snapshot at or before; its size when there is none.
std::size_t last_until(const Moments& moments, const TimeSpec& spec) {
  if (const auto* seq = std::get_if<Seq>(&spec)) {
    return moments.find(*seq).value_or(moments.size());
  }
  const auto time = std::get<WallTime>(spec);
  for (std::size_t at = moments.size(); at > 0; --at) {
    if (moments[at - 1].begin.wall <= time) {
      return at - 1;
    }
  }
  return moments.size();
}

// The last snapshot before the first one that is later: after the clock was set back, everything
// that could be meant is in. The first of all when none is earlier.
std::size_t state_at(const Moments& moments, const TimeSpec& spec) {
  if (const auto* seq = std::get_if<Seq>(&spec)) {
    return moments.find(*seq).value_or(0);
  }
  const auto time = std::get<WallTime>(spec);
  std::size_t at = 0;
  while (at < moments.size() && moments[at].begin.wall <= time) {
    ++at;
  }
  return at == 0 ? 0 : at - 1;
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

}  // namespace

void add_period(schema::Command command, PeriodOptions& options) {
  command.add_option(
      "--since", options.since, "T", "from this time on; default: the first snapshot");
  command.add_option("--until", options.until, "T", "up to this time; default: the last snapshot");
}

Period choose_period(const Moments& moments,
                     const std::optional<TimeSpec>& since,
                     const std::optional<TimeSpec>& until) {
  require_order(since, until);
  Period period;
  period.since_words = since ? words_of(*since) : "the first snapshot";
  period.until_words = until ? words_of(*until) : "the last snapshot";
  std::size_t first = 0;
  std::size_t last = moments.size() - 1;
  if (since) {
    require_snapshot(moments, "--since", *since);
    first = state_at(moments, *since);
    if (const auto* time = std::get_if<WallTime>(&*since)) {
      period.since = *time;
      const auto all = moments.all();
      const bool over = std::all_of(
          all.begin(), all.end(), [&](const Moment& moment) { return moment.begin.wall < *time; });
      if (over) {
        throw Error(ExitCode::Usage,
                    fmt::format("asking since '{}': after the last snapshot", words_of(*since)),
                    fmt::format("the last one is {}", words_of(moments[last])));
      }
    }
  }
  if (until) {
    require_snapshot(moments, "--until", *until);
    last = last_until(moments, *until);
    if (const auto* time = std::get_if<WallTime>(&*until)) {
      period.until = *time;
    }
    if (last == moments.size()) {
      throw Error(ExitCode::Usage,
                  fmt::format("asking until '{}': before the first snapshot", words_of(*until)),
                  fmt::format("the first one is {}", words_of(moments[0])));
    }
  }
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
  return period;
}

}  // namespace sockwitness::query
