// What happened to one socket or process between two snapshots, as the event formats tell it.
//
// In:    a turn.
// Out:   events in a fixed order, each with the snapshot that shows it.
// Never: knows a format, or a time that nobody saw.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "query/analysis/turn.h"
#include "query/report/neutral/safe_text.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

enum class Act {
  Present,  // there when the stretch begins
  Began,
  Changed,
  Ended
};

enum class ThingKind { Listener, Connection, Socket, Process };

struct ThingEvent {
  Act act = Act::Began;
  ThingKind kind = ThingKind::Socket;
  const schema::SnapshotView& view;           // shows it: the last one that saw it when it ended
  const schema::Snapshot* beside = nullptr;   // on the other side of the turn; null at the begin
  std::optional<schema::SocketIndex> socket;  // of `view`; one of the two
  std::optional<schema::ProcessIndex> process;
  SafeText change;  // of Changed: "ESTABLISHED → CLOSE_WAIT"

  [[nodiscard]] const schema::Snapshot& snapshot() const { return view.snapshot(); }
  // The oldest holder of the socket, or the process itself; null without one.
  [[nodiscard]] const schema::Process* actor() const;
};

void visit_events(const Turn& turn, const std::function<void(const ThingEvent&)>& visit);

// "present", "appeared", "changed", "vanished"
[[nodiscard]] std::string_view act_word(Act act);
// "listener", "connection", "socket", "process"
[[nodiscard]] std::string_view thing_word(ThingKind kind);
// "listener appeared: tcp 0.0.0.0:4444, python3(4119) /tmp/.x/a.py, www-data"
[[nodiscard]] SafeText event_text(const ThingEvent& event);

}  // namespace sockwitness::query
