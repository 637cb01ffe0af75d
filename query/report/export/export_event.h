// A socket or process of an event, in the words of the log formats.
//
// In:    events of single sockets and processes.
// Out:   what is shown of it, what happened to it, one line of text.
// Never: knows a format, or a time that no snapshot gives.
#pragma once

#include <optional>
#include <string_view>

#include "query/analysis/history/timeline_event.h"
#include "query/report/neutral/safe_text.h"

namespace sockwitness::query {

enum class Act { Present, Appeared, Changed, Vanished };
enum class ThingKind { Listener, Connection, Socket, Process };

struct ShownThing {
  Act act = Act::Present;
  ThingKind kind = ThingKind::Socket;
  const schema::SnapshotView& view;  // of the last snapshot that saw it, when it has vanished
  std::optional<schema::SocketIndex> socket;  // one of the two
  std::optional<schema::ProcessIndex> process;
  SafeText change;  // of Changed: "ESTABLISHED → CLOSE_WAIT"
  // The snapshots around it; nothing where the range begins, and on the side of `view`.
  std::optional<schema::Seq> not_before;
  std::optional<schema::Seq> not_after;

  [[nodiscard]] const schema::Snapshot& snapshot() const { return view.snapshot(); }
  // The oldest holder of the socket, or the process itself; null without one.
  [[nodiscard]] const schema::Process* actor() const;
};

// Nothing for an event of something else. The event must outlive it.
[[nodiscard]] std::optional<ShownThing> find_thing(const TimelineEvent& event);

// "present", "appeared", "changed", "vanished"
[[nodiscard]] std::string_view act_word(Act act);
// "listener", "connection", "socket", "process"
[[nodiscard]] std::string_view thing_word(ThingKind kind);
// "listener appeared: tcp 0.0.0.0:4444, python3(4119) /tmp/.x/a.py, www-data"
[[nodiscard]] SafeText thing_text(const ShownThing& thing);

}  // namespace sockwitness::query
