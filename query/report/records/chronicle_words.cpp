#include "query/report/records/chronicle_words.h"

#include <cstdlib>

#include <fmt/format.h>

#include "query/analysis/history/pick.h"
#include "query/report/records/pruned_words.h"
#include "query/report/records/records.h"
#include "query/report/records/thinned_words.h"

namespace sockwitness::query {
namespace {

SafeText step_text(const std::optional<std::int64_t>& amount_us) {
  if (!amount_us) {
    return "the clock was set back over the reboot";
  }
  return SafeText::own(fmt::format("the clock was set {} by {}",
                                   *amount_us < 0 ? "back" : "forward",
                                   duration_words(std::abs(*amount_us))));
}

// Runs by hand, seconds apart, promise nothing: how many are missing says something only where the
// interval is one that timers have.
std::string missing_words(const ChronicleEvent& event) {
  constexpr std::int64_t kShortestTimer = 55'000'000;  // microseconds; a minute, and some lateness
  if (event.missing_runs <= 0 ||
      event.amount_us.value_or(0) / (event.missing_runs + 1) < kShortestTimer) {
    return {};
  }
  return fmt::format(", {} run{} missing", event.missing_runs, event.missing_runs == 1 ? "" : "s");
}

SafeText gap_text(const ChronicleEvent& event) {
  return SafeText::own(fmt::format("nothing was recorded for {} (",
                                   duration_words(event.amount_us.value_or(0)))) +
         gap_cause_text(event.cause) + SafeText::own(missing_words(event) + ")");
}

SafeText missed_text(const schema::MissedRun& run, const ClockFace& clock) {
  SafeText text = SafeText::own(fmt::format("{} run{} {} at {}",
                                            run.count,
                                            run.count == 1 ? "" : "s",
                                            schema::missed_kind_word(run.kind),
                                            clock(run.at)));
  return run.reason.empty() ? text : text + ": " + SafeText::host(run.reason);
}

}  // namespace

SafeText gap_cause_text(GapCause cause) {
  switch (cause) {
    case GapCause::PoweredOff:
      return "rebooted";
    case GapCause::Suspended:
      return "asleep";
    case GapCause::Failed:
      return "the recorder failed";
    case GapCause::Skipped:
      return "another run was under way";
    case GapCause::Late:
      return "the recorder was late";
    case GapCause::Unknown:
      break;
  }
  return "cause unknown";
}

SafeText chronicle_text(const ChronicleEvent& event,
                        std::span<const schema::MissedRun> missed,
                        const ClockFace& clock) {
  switch (event.kind) {
    case ChronicleKind::RecorderStarted:
      return "recording began";
    case ChronicleKind::Pruned:
      return event.pruned ? pruned_text(*event.pruned, clock) : SafeText("pruned");
    case ChronicleKind::Thinned:
      return event.thinned ? thinned_text(*event.thinned, clock) : SafeText("thinned");
    case ChronicleKind::RecorderChanged:
      return "another recorder: its version or its rights changed";
    case ChronicleKind::Noted:
      return "note: " + SafeText::host(event.note);
    case ChronicleKind::Reboot:
      return "reboot";
    case ChronicleKind::TimeGap:
      return gap_text(event);
    case ChronicleKind::ClockStep:
      return step_text(event.amount_us);
    case ChronicleKind::Suspend:
      return SafeText::own("the machine slept for " + duration_words(event.amount_us.value_or(0)));
    case ChronicleKind::MissedRun:
      break;
  }
  return missed_text(missed[event.missed.value_or(0)], clock);
}

Value::Object chronicle_members(const ChronicleEvent& event,
                                std::span<const schema::MissedRun> missed) {
  const schema::MissedRun* run = event.missed ? &missed[*event.missed] : nullptr;
  const bool gap = event.kind == ChronicleKind::TimeGap;
  Value::Object members{
      {"seconds", event.amount_us ? Value(*event.amount_us / 1'000'000) : Value()},
      {"at", run == nullptr ? Value() : time_value(run->at)},
      {"missed_kind", run == nullptr ? Value() : Value(schema::missed_kind_word(run->kind))},
      {"count", run == nullptr ? Value() : Value(run->count)},
      {"reason", run == nullptr ? Value() : text_or_null(run->reason)},
      {"cause", gap ? Value(gap_cause_word(event.cause)) : Value()},
      {"missing_runs", gap ? Value(event.missing_runs) : Value()}};
  if (event.kind == ChronicleKind::Noted) {
    members.push_back({"note", text_or_null(event.note)});
  }
  if (event.pruned) {
    members.push_back({"pruned", pruned_value(*event.pruned)});
  }
  if (event.thinned) {
    members.push_back({"thinned", thinned_value(*event.thinned)});
  }
  return members;
}

}  // namespace sockwitness::query
