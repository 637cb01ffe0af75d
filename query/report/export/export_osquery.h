// `export --format osquery`: the results log that osquery would have written here.
//
// In:    events of single sockets, snapshot by snapshot; others are left out.
// Out:   differential lines of the tables process_open_sockets and listening_ports, and snapshot
//        lines of one instant.
// Never: a column that osquery does not have, or a number where its log has text.
#pragma once

#include <cstdint>
#include <span>

#include "query/analysis/history/moments.h"
#include "query/analysis/history/timeline_event.h"
#include "query/report/neutral/line_sink.h"

namespace sockwitness::query {

class OsqueryExport {
 public:
  // The moments must outlive it.
  OsqueryExport(const Moments& moments, LineSink sink)
      : moments_(moments), sink_(std::move(sink)) {}

  // Of one snapshot: "removed" lines, then "added" lines; those of the begin have the counter 0.
  void add(schema::Seq seq, std::span<const TimelineEvent> events);
  // Everything that a snapshot shows, as one snapshot line per table.
  void add_snapshot(schema::Seq seq, std::span<const TimelineEvent> events);

 private:
  [[nodiscard]] Value::Object head_of(std::string_view name, schema::Seq seq) const;

  const Moments& moments_;
  LineSink sink_;
  std::uint64_t counter_ = 0;
};

}  // namespace sockwitness::query
