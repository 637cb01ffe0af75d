// One thing that happened, with the snapshots around it.
//
// In:    built by the readers of a history.
// Out:   plain values that keep what they refer to alive.
// Never: an instant: it happened after `not_before` and at the latest when `seq` was taken.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "query/analysis/history/chronicle.h"
#include "query/analysis/history/event_kind.h"
#include "query/analysis/history/event_snapshot.h"
#include "query/analysis/history/intervals.h"
#include "schema/model/service.h"
#include "schema/view/direction.h"

namespace sockwitness::query {

// A place where something listens, as the last snapshot saw it that did.
struct ListenerFacts {
  SharedEventSnapshot event_snapshot;
  schema::SocketIndex socket;                  // the first of them
  std::shared_ptr<const schema::Service> now;  // not null
  // OwnerChanged, ListenerRestarted, ForwardingChanged: the same place before. Exposure: the other
  // place. Else null.
  std::shared_ptr<const schema::Service> before;
};

struct ConnectionFacts {
  SharedEventSnapshot event_snapshot;  // as first seen; ConnectionClosed: as last seen
  schema::SocketIndex socket;
  std::optional<schema::Direction> direction;
  schema::SeqRange seen;
};

struct ProcessFacts {
  SharedEventSnapshot event_snapshot;  // as first seen; ProcessEnded: as last seen
  schema::ProcessIndex process;
  SharedEventSnapshot event_snapshot_before;  // ProcessExec: as it was before; else null
  schema::ProcessIndex before;
  schema::SeqRange seen;
};

struct ProgramFacts {
  schema::Program before;
  schema::Program after;
};

struct BaselineFacts {
  std::string name;
  std::string note;   // reason of an acceptance
  std::string thing;  // what was accepted; empty otherwise
  std::string user;
  schema::WallTime at;
};

// A socket or process, whatever it is for, in one snapshot. Without an event snapshot: it is not
// there.
template <class Index>
struct Shown {
  SharedEventSnapshot event_snapshot;
  Index index;
};

// The same one in two snapshots, of which one at least shows it.
template <class Index>
struct Transition {
  Shown<Index> before;
  Shown<Index> after;

  // As the later of them shows it that does.
  [[nodiscard]] const Shown<Index>& shown() const { return after.event_snapshot ? after : before; }
};
using SocketTransition = Transition<schema::SocketIndex>;
using ProcessTransition = Transition<schema::ProcessIndex>;

struct GapFacts {
  SharedEventSnapshot event_snapshot;  // GapEnded: of the last snapshot that had it
  std::size_t gap = 0;                 // position in its gaps
};

struct TimelineEvent {
  EventKind kind = EventKind::Reboot;
  std::optional<schema::Seq> seq;  // the first snapshot that shows it; nothing: after the last one
  // The last one that showed it to be otherwise; nothing: every one before has a gap there.
  std::optional<schema::Seq> not_before;
  std::variant<std::monostate,
               ListenerFacts,
               ConnectionFacts,
               ProcessFacts,
               ProgramFacts,
               ChronicleEvent,
               CoverageGap,
               BaselineFacts,
               SocketTransition,
               ProcessTransition,
               GapFacts>
      what;
};

}  // namespace sockwitness::query
