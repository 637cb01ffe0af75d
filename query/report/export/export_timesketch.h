// `export --format timesketch`: JSON lines as Timesketch imports them.
//
// In:    events in order: of single sockets, processes and gaps, and of the recording; baselines.
// Out:   one event a line: message, datetime, timestamp_desc, and flat attributes.
// Never: a row that the importer would drop: each datetime is one that it reads.
#pragma once

#include <span>

#include "query/analysis/history/moments.h"
#include "query/report/export/export_event.h"
#include "query/report/neutral/line_sink.h"
#include "schema/model/baseline.h"

namespace sockwitness::query {

class TimesketchExport {
 public:
  // `moments` of the whole history, whose chronicle the events count in; both must outlive it.
  TimesketchExport(const Moments& moments, std::span<const schema::MissedRun> missed, LineSink sink)
      : moments_(moments), missed_(missed), sink_(std::move(sink)) {}

  void add(const TimelineEvent& event);
  void add(const schema::BaselineInfo& baseline);

 private:
  void add_thing(const ShownThing& thing);
  void add_gap(const GapFacts& facts, bool begun);
  void add_chronicle(const ChronicleEvent& event);

  const Moments& moments_;
  std::span<const schema::MissedRun> missed_;
  LineSink sink_;
};

// ISO 8601 with an offset and six decimals, within the years that Timesketch takes.
[[nodiscard]] std::string timesketch_datetime(schema::WallTime time);

}  // namespace sockwitness::query
