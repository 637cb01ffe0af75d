// The answer of `status`: one screen about the record itself.
//
// In:    what was examined, the latest snapshot, the place of the file.
// Out:   a document for machines, a page for people.
// Never: a number without the time that it is about.
#pragma once

#include <string>

#include "query/analysis/history/health.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"

namespace sockwitness::query {

struct StatusInput {
  const Health& health;
  const schema::SnapshotInfo& latest;
  schema::WallTime first;  // when the record begins
  std::string database;
  Room room;
};

[[nodiscard]] Document build_status(const StatusInput& input);
// "SOCKWITNESS WARNING - nothing was recorded for 3 h | age=10800s …": a state, words and figures.
// Source: Monitoring Plugins Development Guidelines, plugin output.
[[nodiscard]] std::string monitoring_line(const StatusInput& input);
[[nodiscard]] Page lay_out_status(const StatusInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
