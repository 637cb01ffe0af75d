#include "query/app/choose.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/analysis/history/pick.h"
#include "schema/disk/resolve.h"

namespace sockwitness::query {
namespace {

using schema::Seq;

// Enough neighbours to know the usual interval, few enough to be read in no time.
constexpr std::int64_t kNeighbours = 32;

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

Choice choose_whole_snapshot(OpenedHistory& opened,
                             std::string_view verb,
                             const schema::TimeSpec& spec) {
  History& history = opened.history;
  Choice choice = choose_snapshot(history, verb, spec);
  const auto& thinned = opened.thinned;
  const schema::SeqRange* const span = thinned ? thinned->find(choice.seq) : nullptr;
  if (span == nullptr) {
    return choice;
  }
  const Seq thin = choice.seq;
  choice.seq = whole_at_or_before(thinned, thin);
  choice.distance_us +=
      history.info(thin).begin.wall.microseconds - history.info(choice.seq).begin.wall.microseconds;
  choice.note += fmt::format(
      "{}snapshot {} was thinned ({}): {} answers, the whole one before it; the next whole one is "
      "{}",
      choice.note.empty() ? "" : "; ",
      thin.value(),
      thinned->policy,
      choice.seq.value(),
      span->last.value() + 1);
  return choice;
}

Choice choose_snapshot(History& history, std::string_view verb, const schema::TimeSpec& spec) {
  const Seq seq = history.resolve(spec, schema::Side::AtOrBefore, verb);
  if (std::holds_alternative<Seq>(spec)) {
    return {seq, std::nullopt, 0, {}};
  }
  const auto at = std::get<schema::WallTime>(spec);
  const auto nearby =
      history.snapshots(Seq(seq.value() - kNeighbours), Seq(seq.value() + kNeighbours));
  const auto chosen =
      std::find_if(nearby.begin(), nearby.end(), [&](const auto& info) { return info.seq == seq; });
  const Pick pick = judge_pick(
      nearby, history.missed_runs(), static_cast<std::size_t>(chosen - nearby.begin()), at);
  std::string note = other_readings_note(history, seq, at);
  if (!pick.note.empty()) {
    note += (note.empty() ? "" : "; ") + pick.note;
  }
  return {seq, at, pick.distance_us, std::move(note)};
}

}  // namespace sockwitness::query
