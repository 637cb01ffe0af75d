// `export --format osquery`: the results log that osquery would have written here.
//
// In:    turns in order.
// Out:   differential lines of the tables process_open_sockets and listening_ports, and snapshot
//        lines of one instant.
// Never: a column that osquery does not have, or a number where its log has text.
#pragma once

#include <cstdint>

#include "query/analysis/turn.h"
#include "query/report/neutral/line_sink.h"

namespace sockwitness::query {

class OsqueryExport {
 public:
  explicit OsqueryExport(LineSink sink) : sink_(std::move(sink)) {}

  // "removed" lines, then "added" lines; those of the begin have the counter 0.
  void add(const Turn& turn);
  // Everything of a whole turn as one snapshot line per table.
  void add_snapshot(const Turn& turn);

 private:
  LineSink sink_;
  std::uint64_t counter_ = 0;
};

}  // namespace sockwitness::query
