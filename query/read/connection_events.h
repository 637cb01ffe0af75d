// When connections were first and last seen, and their direction.
//
// In:    an open history, a filter.
// Out:   two events for each connection that the filter meant at some snapshot of the range.
// Never: an end for a connection that a gap may hide.
#pragma once

#include <vector>

#include "query/analysis/filter.h"
#include "query/read/event_source.h"
#include "query/read/listener_past_reader.h"
#include "query/read/same_things.h"
#include "query/read/version_reader.h"
#include "query/read/visibility_reader.h"
#include "query/read/window_reader.h"
#include "schema/view/listener_past.h"

namespace sockwitness::query {

class ConnectionEvents : public EventSource {
 public:
  // `origins` ascending: at least those that the filter may mean.
  ConnectionEvents(const Reading& reading,
                   const Filter& filter,
                   std::vector<schema::RowId> origins);

  bool next(std::vector<TimelineEvent>& events) override;
  [[nodiscard]] schema::Seq until() const override { return windows_.window().last; }

 private:
  // A socket as long as it had the same peer.
  struct Connection {
    const SocketHistory* thing = nullptr;
    schema::SeqRange seen;
    std::optional<schema::Seq> known_until;  // it was seen before, by this one for the last time
    std::optional<schema::Seq> again_from;   // it is seen again, by this one first
  };
  using Connections = std::vector<Connection>;

  [[nodiscard]] Connections find_new();
  [[nodiscard]] bool is_meant_later(const Connection& connection, schema::Seq first);
  // Those that the filter means; with the events of their begin.
  [[nodiscard]] Connections open(schema::Seq seq,
                                 const Connections& connections,
                                 std::vector<TimelineEvent>& events);
  void close(schema::Seq last, const Connections& connections, std::vector<TimelineEvent>& events);
  void learn_listeners(const Connections& connections);

  Reading reading_;
  Filter filter_;
  VersionReader reader_;
  WindowReader<SocketHistory> windows_;
  SameThings same_;
  ListenerPastReader past_reader_;
  schema::ListenerPast past_;
  VisibilityReader visibility_;
};

}  // namespace sockwitness::query
