// What happened where something listens.
//
// In:    an open history, a filter for sockets that wait for peers; of what it says of their owners
//        either side of an event is enough.
// Out:   events, window by window.
// Never: connections.
#pragma once

#include <utility>
#include <vector>

#include "query/analysis/history/listener_timeline.h"
#include "query/read/event_source.h"
#include "query/read/observations.h"
#include "query/read/visibility_reader.h"

namespace sockwitness::query {

class ListenerEvents : public EventSource {
 public:
  // `origins` ascending: at least all those at the places that the filter may mean.
  ListenerEvents(const Reading& reading,
                 const Filter& filter,
                 std::vector<schema::RowId> origins,
                 ListenerTimeline::Chosen chosen)
      : observations_(reading, without_holders(filter), std::move(origins)),
        visibility_(reading),
        timeline_(
            chosen,
            [filter](const schema::SnapshotView& view, schema::SocketIndex index) {
              return matches(filter, view, index);
            },
            {[this](schema::Seq seq) { return visibility_.visibility(seq); },
             [this](const schema::SeqRange& snapshots) { return visibility_.looks(snapshots); }}) {}

  bool next(std::vector<TimelineEvent>& events) override {
    return observations_.next([&](const Observation& observation, const ObservedThings& things) {
      timeline_.add(observation, things, events);
    });
  }
  [[nodiscard]] schema::Seq until() const override { return observations_.until(); }

 private:
  SocketObservations observations_;
  VisibilityReader visibility_;
  ListenerTimeline timeline_;
};

}  // namespace sockwitness::query
