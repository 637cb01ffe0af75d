// Which events are about what was asked for.
//
// In:    a filter; events of sockets and processes in two snapshots, and others.
// Out:   whether one is about such a socket, or such a process.
// Never: leaves out what is about the whole host: reboots, gaps, missed runs.
#pragma once

#include "query/analysis/filter.h"
#include "query/analysis/history/timeline_event.h"

namespace sockwitness::query {

class EventFilter {
 public:
  // Without a word about sockets those of every kind and state are meant.
  explicit EventFilter(Filter filter);

  // A process is asked for where only holders are spoken of, else as the holder of such a socket.
  [[nodiscard]] bool is_about(const TimelineEvent& event) const;

 private:
  [[nodiscard]] bool fits(const Shown<schema::SocketIndex>& shown) const;
  [[nodiscard]] bool fits(const Shown<schema::ProcessIndex>& shown) const;
  template <class Index>
  [[nodiscard]] bool fits(const Transition<Index>& transition) const;

  Filter filter_;
  bool by_socket_;
};

}  // namespace sockwitness::query
