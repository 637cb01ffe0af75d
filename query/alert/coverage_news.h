// Times without snapshots, failed runs, and places that were not read.
//
// In:    the chronicle, the failed runs, the gaps of the snapshots; what was reported.
// Out:   items, and what lasts now.
// Never: treats the interval of manual runs as a schedule that was missed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/alert/alert_state.h"
#include "query/alert/news.h"
#include "query/analysis/history/chronicle.h"
#include "query/analysis/history/intervals.h"

namespace sockwitness::query {

struct CoverageQuestion {
  const Moments& moments;
  std::span<const ChronicleEvent> events;  // of all moments, and up to now
  std::span<const schema::MissedRun> missed;
  std::span<const CoverageGap> gaps;  // of the snapshots since, of what may hide sockets or holders
  schema::Seq reported_up_to;
  bool scheduled = false;  // the interval of snapshots was given
};

// Situations of `state` that are about places, and what it says of runs, are brought up to date.
[[nodiscard]] std::vector<NewsItem> find_coverage_news(const CoverageQuestion& question,
                                                       AlertState& state);

// Whether a gap may hide what was seen before: not a process that had just ended, nor a table that
// the kernel does not have.
[[nodiscard]] bool is_blinding(const schema::Gap& gap);
// Equal for the same place and reason in other snapshots, whichever process it was.
[[nodiscard]] std::string gap_hash(const CoverageGap& part);

}  // namespace sockwitness::query
