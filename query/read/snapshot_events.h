// What happened to single sockets and processes, snapshot by snapshot, for the exports.
//
// In:    an open history, its clocks, a range of snapshots.
// Out:   events of one snapshot at a time: processes, sockets, gaps. The first snapshot gives one
//        for everything that it shows.
// Never: more in memory than what the current snapshot shows; an end that no snapshot shows: see
//        HiddenThings.
#pragma once

#include <cstddef>

#include "query/analysis/history/moments.h"
#include "query/read/event_source.h"
#include "query/read/hidden_things.h"
#include "query/read/living_rows.h"

namespace sockwitness::query {

class History;

class SnapshotEvents : public EventSource {
 public:
  // Both must outlive this object.
  SnapshotEvents(History& history, const Moments& moments, schema::SeqRange range);

  bool next(std::vector<TimelineEvent>& events) override;
  [[nodiscard]] schema::Seq until() const override { return moments_[next_ - 1].seq; }

 private:
  schema::DeltaReader reader_;
  const Moments& moments_;
  std::size_t next_;  // position in the moments
  std::size_t end_;
  bool begun_ = false;
  LivingRows living_;
  HiddenThings hidden_;
};

}  // namespace sockwitness::query
