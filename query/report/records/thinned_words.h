// Thinned snapshots in words and in the contract.
//
// In:    what was thinned, how times are written.
// Out:   a sentence, a value for machines.
// Never: "nothing was there".
#pragma once

#include "query/analysis/history/thinned.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/safe_text.h"
#include "query/report/words/host_words.h"

namespace sockwitness::query {

// "822 of snapshots 2 to 899 (2026-11-23 03:31:00Z to 03:51:00Z) were thinned on 2026-11-30
// 03:33:00Z by root (--thin 1h after 30d): what lived between two that stayed whole alone is not
// there"
[[nodiscard]] SafeText thinned_text(const Thinned& thinned, const ClockFace& clock);
// {first_seq, last_seq, from, to, snapshots, thinned_at, policy, by}
[[nodiscard]] Value thinned_value(const Thinned& thinned);

}  // namespace sockwitness::query
