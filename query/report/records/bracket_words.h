// The two snapshots between which something happened, in words and in the contract.
//
// In:    numbers of snapshots, their clocks.
// Out:   safe text; times.
// Never: a single instant: only the two snapshots are known.
#pragma once

#include <optional>

#include "query/analysis/history/moments.h"
#include "query/report/neutral/value.h"
#include "query/report/words/host_words.h"

namespace sockwitness::query {

[[nodiscard]] Value seq_value(const std::optional<schema::Seq>& seq);
// Null for none.
[[nodiscard]] Value moment_value(const Moments& moments, const std::optional<schema::Seq>& seq);
// The snapshots that an answer about time searched: the first, the last, how many there are.
[[nodiscard]] Value looked_value(const Moments& moments, const schema::SeqRange& searched);

// "between 2026-11-23 02:10:00Z and 02:15:00Z": the day is said once; within one second with
// milliseconds. `beside`: a time that has said the day already.
[[nodiscard]] SafeText between_text(const Moments& moments,
                                    schema::Seq from,
                                    schema::Seq to,
                                    const ClockFace& clock,
                                    const std::string& beside = {});
// "2026-11-23 02:10:00.125Z"
[[nodiscard]] std::string with_milliseconds(const ClockFace& clock, schema::WallTime time);
// The time without its day where `beside` has the same day.
[[nodiscard]] std::string short_time(const std::string& time, const std::string& beside);

}  // namespace sockwitness::query
