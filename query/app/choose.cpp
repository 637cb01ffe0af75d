#include "query/app/choose.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/analysis/pick.h"
#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;
using schema::Seq;

// Enough neighbours to know the usual interval, few enough to be read in no time.
constexpr std::int64_t kNeighbours = 32;

Choice choose_by_number(History& history, std::string_view verb, Seq seq) {
  if (!history.info(seq)) {
    throw Error(ExitCode::Usage,
                fmt::format("{} '#{}': no such snapshot", verb, seq.value()),
                fmt::format("there are #{} to #{}; try: sockwitness snapshots",
                            history.first()->value(),
                            history.last()->value()));
  }
  return {seq, std::nullopt, 0, {}};
}

Error before_the_first(History& history, std::string_view verb, schema::WallTime at) {
  const Seq first = *history.first();
  return {ExitCode::Usage,
          fmt::format("{} '{}': before the first snapshot", verb, schema::format_utc(at)),
          fmt::format("the first one is #{} at {}; try: sockwitness show --at '#{}'",
                      first.value(),
                      schema::format_utc(history.info(first)->begin.wall),
                      first.value())};
}

// After the clock was set back the same time comes again: the answer is for one of its readings.
std::string other_readings_note(History& history, Seq chosen, schema::WallTime at) {
  std::vector<std::string> others;
  for (const Seq seq : history.readings_of(at)) {
    if (seq != chosen) {
      others.push_back(fmt::format("#{}", seq.value()));
    }
  }
  return others.empty()
             ? std::string()
             : fmt::format(
                   "the clock was set back and showed this time {} times; also answering: "
                   "snapshot {}",
                   others.size() + 1,
                   fmt::join(others, ", "));
}

}  // namespace

Choice choose_snapshot(History& history, std::string_view verb, const schema::TimeSpec& spec) {
  if (const auto* seq = std::get_if<Seq>(&spec)) {
    return choose_by_number(history, verb, *seq);
  }
  const auto at = std::get<schema::WallTime>(spec);
  const auto seq = history.at_or_before(at);
  if (!seq) {
    throw before_the_first(history, verb, at);
  }
  const auto around =
      history.snapshots(Seq(seq->value() - kNeighbours), Seq(seq->value() + kNeighbours));
  const auto chosen = std::find_if(
      around.begin(), around.end(), [&](const auto& info) { return info.seq == *seq; });
  const Pick pick = judge_pick(
      around, history.missed_runs(), static_cast<std::size_t>(chosen - around.begin()), at);
  std::string note = other_readings_note(history, *seq, at);
  if (!pick.note.empty()) {
    note += (note.empty() ? "" : "; ") + pick.note;
  }
  return {*seq, at, pick.distance_us, std::move(note)};
}

}  // namespace sockwitness::query
