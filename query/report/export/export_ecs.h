// `export --format ecs`: JSON lines in the Elastic Common Schema.
//
// In:    events in order: of single sockets, processes and gaps, and of the recording.
// Out:   documents: states of what is there at the begin, events of what happens after it.
// Never: the direction of a connection: source is this host's end, destination the other one.
#pragma once

#include <cstdint>
#include <span>

#include "query/analysis/history/moments.h"
#include "query/report/export/export_event.h"
#include "query/report/neutral/line_sink.h"

namespace sockwitness::query {

class EcsExport {
 public:
  // `moments` of the whole history, whose chronicle the events count in; both must outlive it.
  EcsExport(const Moments& moments, std::span<const schema::MissedRun> missed, LineSink sink)
      : moments_(moments), missed_(missed), sink_(std::move(sink)) {}

  void add(const TimelineEvent& event);

 private:
  void add_thing(const ShownThing& thing);
  void add_gap(const GapFacts& facts, bool begun);
  void add_chronicle(const ChronicleEvent& event);
  [[nodiscard]] std::uint64_t next_sequence() { return ++sequence_; }

  const Moments& moments_;
  std::span<const schema::MissedRun> missed_;
  LineSink sink_;
  std::uint64_t sequence_ = 0;
};

}  // namespace sockwitness::query
