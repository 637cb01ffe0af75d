// Between which two snapshots something happened, in words and in the contract.
//
// In:    numbers of snapshots, their clocks.
// Out:   safe text; times.
// Never: a precise time that nobody saw.
#pragma once

#include <optional>

#include "query/analysis/moments.h"
#include "query/report/host_words.h"
#include "query/report/value.h"

namespace sockwitness::query {

[[nodiscard]] Value seq_value(const std::optional<schema::Seq>& seq);
// Null for none.
[[nodiscard]] Value moment_value(const Moments& moments, const std::optional<schema::Seq>& seq);

// "between 2026-11-23 02:10:00Z and 02:15:00Z": the day is said once.
[[nodiscard]] SafeText between_text(const Moments& moments,
                                    schema::Seq from,
                                    schema::Seq to,
                                    const ClockFace& clock);
// The time without its day where `beside` has the same day.
[[nodiscard]] std::string short_time(const std::string& time, const std::string& beside);

}  // namespace sockwitness::query
