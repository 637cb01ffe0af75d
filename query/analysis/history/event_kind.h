// What can happen in a timeline, and the words that choose it.
//
// In:    words of the command line.
// Out:   kinds; a promise to whoever reads JSON.
// Never: a word that means two kinds.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sockwitness::query {

enum class EventKind {
  ListenerPresent,  // there when the period begins
  ListenerAppeared,
  ListenerVanished,
  ListenerRestarted,  // all its sockets are others, in the same boot
  OwnerChanged,
  ExposureWidened,
  ExposureNarrowed,
  ForwardingChanged,  // the same relay or proxy leads elsewhere
  ConnectionPresent,
  ConnectionOpened,
  ConnectionClosed,
  ProcessPresent,
  ProcessStarted,
  ProcessExec,
  ProcessEnded,
  ProgramChanged,  // same path, other content
  Reboot,
  TimeGap,
  ViewLost,  // a place could no longer be read
  ViewRegained,
  ClockStep,
  Suspend,
  MissedRun,
  RecorderStarted,
  Pruned,
  Thinned,
  RecorderChanged,
  Noted,
  BaselineAdded,
  BaselineDropped,
  ServicesAccepted,
  // Of single sockets, processes and gaps: in exports only. ProcessPresent, ProcessStarted and
  // ProcessEnded stand there, too.
  SocketPresent,
  SocketAppeared,
  SocketChanged,
  SocketVanished,
  ProcessChanged,
  GapBegun,
  GapEnded
};

using EventKinds = std::set<EventKind>;

// "listener_appeared", "connection_opened", …; empty for what is in exports only.
[[nodiscard]] std::string_view event_kind_word(EventKind kind);
// A group ("listener", "connection", "process", "program", "boot", "gap", "clock", "recorder",
// "baseline", "all") or one kind; empty for an unknown word.
[[nodiscard]] EventKinds parse_event_kinds(std::string_view word);
// The words above, for messages.
[[nodiscard]] std::vector<std::string> known_event_words();
[[nodiscard]] bool any_of_group(const EventKinds& kinds, std::string_view group);

}  // namespace sockwitness::query
