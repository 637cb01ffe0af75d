#include "query/analysis/history/event_filter.h"

#include <algorithm>

namespace sockwitness::query {
namespace {

bool asks_for_sockets(const Filter& filter) {
  return asks_for_ends(filter) || !filter.protocols.empty() || filter.states || filter.family ||
         !filter.devices.empty() || filter.breadth == Breadth::Listening;
}

}  // namespace

EventFilter::EventFilter(Filter filter)
    : filter_(std::move(filter)), by_socket_(asks_for_sockets(filter_)) {
  if (filter_.breadth == Breadth::Usual) {
    filter_.breadth = Breadth::All;
  }
  if (!by_socket_) {
    filter_.protocols = parse_socket_table("all").value_or(ProtocolSet{});
  }
}

bool EventFilter::fits(const Shown<schema::SocketIndex>& shown) const {
  return shown.event_snapshot && matches(filter_, shown.event_snapshot->view(), shown.index);
}

bool EventFilter::fits(const Shown<schema::ProcessIndex>& shown) const {
  if (!shown.event_snapshot) {
    return false;
  }
  const schema::SnapshotView& view = shown.event_snapshot->view();
  if (!by_socket_) {
    return matches(filter_, view, view.process(shown.index));
  }
  for (std::size_t at = 0; at < view.snapshot().sockets.size(); ++at) {
    const schema::SocketIndex index(static_cast<std::uint32_t>(at));
    const auto holders = view.holders(index);
    if (std::any_of(holders.begin(),
                    holders.end(),
                    [&](const schema::Holder& holder) { return holder.process == shown.index; }) &&
        matches(filter_, view, index)) {
      return true;
    }
  }
  return false;
}

template <class Index>
bool EventFilter::fits(const Transition<Index>& transition) const {
  return fits(transition.before) || fits(transition.after);
}

bool EventFilter::is_about(const TimelineEvent& event) const {
  if (const auto* socket = std::get_if<SocketTransition>(&event.what)) {
    return fits(*socket);
  }
  if (const auto* process = std::get_if<ProcessTransition>(&event.what)) {
    return fits(*process);
  }
  return true;
}

}  // namespace sockwitness::query
