// What happened where something listens.
//
// In:    an open history, a filter for sockets that wait for peers; of what it says of their owners
//        either side of an event is enough.
// Out:   events, window by window.
// Never: connections.
#pragma once

#include <utility>
#include <vector>

#include "query/analysis/listener_track.h"
#include "query/read/event_source.h"
#include "query/read/outlook.h"
#include "query/read/sightings.h"

namespace sockwitness::query {

class ListenerEvents : public EventSource {
 public:
  // `origins` ascending: at least all those at the places that the filter may mean.
  ListenerEvents(const Reading& reading,
                 const Filter& filter,
                 std::vector<schema::RowId> origins,
                 ListenerTrack::Chosen chosen)
      : sightings_(reading, without_holders(filter), std::move(origins)),
        outlook_(reading),
        track_(chosen,
               [filter](const schema::SnapshotView& view, schema::SocketIndex index) {
                 return matches(filter, view, index);
               },
               {[this](schema::Seq seq) { return outlook_.visibility(seq); },
                [this](const schema::SeqRange& snapshots) { return outlook_.looks(snapshots); }}) {}

  bool next(std::vector<TimelineEvent>& events) override {
    return sightings_.next([&](const Sighting& sighting, const SeenThings& things) {
      track_.add(sighting, things, events);
    });
  }
  [[nodiscard]] schema::Seq until() const override { return sightings_.until(); }

 private:
  SocketSightings sightings_;
  Outlook outlook_;
  ListenerTrack track_;
};

}  // namespace sockwitness::query
