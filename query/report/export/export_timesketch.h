// `export --format timesketch`: JSON lines as Timesketch imports them.
//
// In:    turns in order, and what happened between snapshots.
// Out:   one event a line: message, datetime, timestamp_desc, and flat attributes.
// Never: a row that the importer would drop: each datetime is one that it reads.
#pragma once

#include <span>

#include "query/analysis/chronicle.h"
#include "query/analysis/turn.h"
#include "query/report/neutral/line_sink.h"
#include "schema/model/baseline.h"

namespace sockwitness::query {

class TimesketchExport {
 public:
  explicit TimesketchExport(LineSink sink) : sink_(std::move(sink)) {}

  void add(const Turn& turn);
  // `moments` are those that the event counts in.
  void add(const ChronicleEvent& event,
           const Moments& moments,
           std::span<const schema::MissedRun> missed);
  void add(const schema::BaselineInfo& baseline);

 private:
  void add_gap(const schema::Gap& gap, const schema::Snapshot& snapshot, bool begun);

  LineSink sink_;
};

// ISO 8601 with an offset and six decimals, within the years that Timesketch takes.
[[nodiscard]] std::string timesketch_datetime(schema::WallTime time);

}  // namespace sockwitness::query
