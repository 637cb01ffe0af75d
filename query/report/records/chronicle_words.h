// How what happened between snapshots reads: for people, and in the contract.
//
// In:    events of the chronicle, the runs that gave no snapshot.
// Out:   safe text without the time; members of a JSON object.
// Never: reads a clock.
#pragma once

#include <span>

#include "query/analysis/history/chronicle.h"
#include "query/report/neutral/value.h"
#include "query/report/words/host_words.h"

namespace sockwitness::query {

// "the machine slept for 2 hours", "nothing was recorded for 40 minutes (powered off)", …
[[nodiscard]] SafeText chronicle_text(const ChronicleEvent& event,
                                      std::span<const schema::MissedRun> missed,
                                      const ClockFace& clock);
// "powered off", "cause unknown"
[[nodiscard]] SafeText gap_cause_text(GapCause cause);
// seconds, at, missed_kind, count, reason, cause, missing_runs: null where they say nothing.
[[nodiscard]] Value::Object chronicle_members(const ChronicleEvent& event,
                                              std::span<const schema::MissedRun> missed);

}  // namespace sockwitness::query
