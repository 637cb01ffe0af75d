// Baselines as objects for machines and as words for people.
//
// In:    what a baseline says of itself.
// Out:   a tree with every key present; safe text.
// Never: its services: those are the comparison's.
#pragma once

#include <span>
#include <vector>

#include "query/report/neutral/safe_text.h"
#include "query/report/neutral/value.h"
#include "query/report/words/host_words.h"
#include "schema/model/baseline.h"

namespace sockwitness::query {

[[nodiscard]] Value baseline_value(const schema::BaselineInfo& info,
                                   std::span<const schema::Gap> gaps,
                                   const std::vector<schema::Netns>& namespaces);

// "baseline gold (snapshot 12, 2026-10-01 09:00:00Z)",
// "baseline october (snapshots 12 to 8640, 2026-10-01 09:00:00Z to 2026-10-31 09:00:00Z)"
[[nodiscard]] SafeText baseline_text(const schema::BaselineInfo& info, const ClockFace& clock);

}  // namespace sockwitness::query
