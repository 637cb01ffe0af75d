// Pruned snapshots in words and in the contract.
//
// In:    the range, how times are written.
// Out:   a sentence, a value for machines.
// Never: "nothing was there".
#pragma once

#include "query/analysis/history/pruned.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/safe_text.h"
#include "query/report/words/host_words.h"

namespace sockwitness::query {

// "snapshots 1 to 21 (2026-11-23 03:31:00Z to 03:51:00Z) were pruned on 2026-11-30 03:33:00Z by
// root
// (--keep 400d)"
[[nodiscard]] SafeText pruned_text(const Pruned& pruned, const ClockFace& clock);
// {first_seq, last_seq, from, to, pruned_at, policy, by}
[[nodiscard]] Value pruned_value(const Pruned& pruned);

}  // namespace sockwitness::query
