// `export --format ecs`: JSON lines in the Elastic Common Schema.
//
// In:    turns in order, and what happened between snapshots.
// Out:   documents: states of what is there at the begin, events of what happens after it.
// Never: says who opened a connection: source is this host's end, destination the other one.
#pragma once

#include <cstdint>
#include <span>

#include "query/analysis/chronicle.h"
#include "query/analysis/turn.h"
#include "query/report/neutral/line_sink.h"

namespace sockwitness::query {

class EcsExport {
 public:
  explicit EcsExport(LineSink sink) : sink_(std::move(sink)) {}

  void add(const Turn& turn);
  // `moments` are those that the event counts in.
  void add(const ChronicleEvent& event,
           const Moments& moments,
           std::span<const schema::MissedRun> missed);

 private:
  void add_gap(const schema::Gap& gap, const schema::Snapshot& snapshot, bool begun);
  [[nodiscard]] std::uint64_t next_sequence() { return ++sequence_; }

  LineSink sink_;
  std::uint64_t sequence_ = 0;
};

}  // namespace sockwitness::query
