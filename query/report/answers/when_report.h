// The answer of `when`: intervals, owners, peers, and what gaps hide.
//
// In:    the intervals, the events of the recording in between.
// Out:   a document for machines, a page for people.
// Never: "never" without naming the snapshots that were searched.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "query/analysis/history/chronicle.h"
#include "query/analysis/history/when.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"

namespace sockwitness::query {

struct WhenInput {
  std::string query;       // as typed
  const Moments& moments;  // of the whole history
  schema::SeqRange searched;
  // The snapshot after them where nothing was recorded up to the end that was asked for; nothing
  // elsewhere.
  std::optional<schema::Seq> beyond;
  std::string host;
  const std::vector<WhenInterval>& spans;
  std::span<const ChronicleEvent> events;  // of the whole history
  std::span<const schema::MissedRun> missed;
  std::span<const CoverageGap> gaps;  // gaps of the snapshots that were searched
  std::size_t peers = 0;              // rows of peers that are wanted
  std::string note;                   // why the answer needs care; empty for none
};

[[nodiscard]] Document build_when(const WhenInput& input);
[[nodiscard]] Page lay_out_when(const WhenInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
