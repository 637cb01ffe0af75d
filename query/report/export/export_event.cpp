#include "query/report/export/export_event.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "query/report/words/socket_words.h"
#include "schema/model/snapshot.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Process;
using schema::SnapshotView;
using schema::Socket;
using schema::SocketIndex;

ThingKind kind_of(const Socket& socket) {
  if (schema::waits_for_peers(socket) || socket.state == schema::SocketState::Listen) {
    return ThingKind::Listener;
  }
  return schema::is_connected(socket) ? ThingKind::Connection : ThingKind::Socket;
}

SafeText from_to(SafeText before, const SafeText& now) {
  return (std::move(before) += " → ") + now;
}

// "sshd(60), bash(77)"
SafeText holders_text(const SnapshotView& view, SocketIndex index) {
  std::vector<SafeText> names;
  std::set<schema::Pid> seen;
  for (const schema::Holder& holder : view.holders(index)) {
    const Process& process = view.process(holder.process);
    if (seen.insert(process.pid).second) {
      names.push_back(process_text(process));
    }
  }
  return names.empty() ? no_holder_text(view.socket(index).no_holder) : join(names, ", ");
}

SafeText socket_change(const SnapshotView& before,
                       SocketIndex was,
                       const SnapshotView& now,
                       SocketIndex is) {
  std::vector<SafeText> changes;
  const Socket& old_socket = before.socket(was);
  const Socket& socket = now.socket(is);
  if (old_socket.state != socket.state) {
    changes.push_back(from_to(SafeText::own(schema::state_name(old_socket.state)),
                              SafeText::own(schema::state_name(socket.state))));
  }
  const SafeText holders_before = holders_text(before, was);
  const SafeText holders_now = holders_text(now, is);
  if (holders_before.text() != holders_now.text()) {
    changes.push_back("held by " + from_to(holders_before, holders_now));
  }
  return changes.empty() ? SafeText("its other fields or descriptors") : join(changes, "; ");
}

SafeText program_text(const SnapshotView& view, const Process& process) {
  const schema::Program* program = view.program(process);
  if (program == nullptr) {
    return process.kernel_thread || process.zombie ? SafeText("none") : SafeText("not readable");
  }
  return SafeText::host(program->path);
}

SafeText process_change(const SnapshotView& before,
                        const Process& was,
                        const SnapshotView& now,
                        const Process& is) {
  std::vector<SafeText> changes;
  const SafeText old_program = program_text(before, was);
  const SafeText program = program_text(now, is);
  const bool program_read =
      !was.unread.contains(schema::Part::Program) && !is.unread.contains(schema::Part::Program);
  if (program_read && old_program.text() != program.text()) {
    changes.push_back("program " + from_to(old_program, program));
  }
  if (was.name != is.name) {
    changes.push_back("name " + from_to(SafeText::host(was.name), SafeText::host(is.name)));
  }
  if (was.effective_uid != is.effective_uid && was.effective_uid != schema::kNoUid &&
      is.effective_uid != schema::kNoUid) {
    changes.push_back(
        "user " + from_to(user_text(before, was.effective_uid), user_text(now, is.effective_uid)));
  }
  if (was.parent != is.parent) {
    changes.push_back("parent");
  }
  return changes.empty() ? SafeText("its other fields") : join(changes, "; ");
}

Act act_of(bool before, bool now, bool whole) {
  if (whole) {
    return Act::Present;
  }
  return before && now ? Act::Changed : now ? Act::Began : Act::Ended;
}

}  // namespace

const Process* ThingEvent::actor() const {
  if (process) {
    return &view.process(*process);
  }
  const auto holders = view.holders(*socket);
  return holders.empty() ? nullptr : &view.process(holders.front().process);
}

namespace {

// What one turn of a thing is an event of.
struct Sides {
  Act act;
  const SnapshotView& before;  // what saw it last
  const SnapshotView& view;    // shows it
  const schema::Snapshot* beside;
};

template <class ThingTurn>
Sides sides_of(const Turn& turn,
               const ThingTurn& thing,
               const SnapshotView& before,
               const SnapshotView& now) {
  const Act act = act_of(thing.before.has_value(), thing.now.has_value(), turn.whole);
  const bool ended = act == Act::Ended;
  return {act,
          before,
          ended ? before : now,
          turn.whole ? nullptr
          : ended    ? &turn.now
                     : &before.snapshot()};
}

// Parts that saw things last which were out of sight since, each viewed once.
class EarlierViews {
 public:
  explicit EarlierViews(const SnapshotView& before) : before_(before) {}

  const SnapshotView& of(const std::shared_ptr<const schema::Snapshot>& seen) {
    return seen == nullptr ? before_ : views_.try_emplace(seen.get(), *seen).first->second;
  }

 private:
  const SnapshotView& before_;
  std::map<const schema::Snapshot*, SnapshotView> views_;
};

}  // namespace

void visit_events(const Turn& turn, const std::function<void(const ThingEvent&)>& visit) {
  const SnapshotView last(turn.before);
  const SnapshotView now(turn.now);
  EarlierViews views(last);
  for (const ProcessTurn& process : turn.processes) {
    const Sides sides = sides_of(turn, process, views.of(process.seen), now);
    ThingEvent event{sides.act,
                     ThingKind::Process,
                     sides.view,
                     sides.beside,
                     std::nullopt,
                     sides.act == Act::Ended ? process.before : process.now,
                     {}};
    if (sides.act == Act::Changed) {
      event.change = process_change(
          sides.before, sides.before.process(*process.before), now, now.process(*process.now));
    }
    visit(event);
  }
  for (const SocketTurn& socket : turn.sockets) {
    const Sides sides = sides_of(turn, socket, views.of(socket.seen), now);
    const SocketIndex index = sides.act == Act::Ended ? *socket.before : *socket.now;
    ThingEvent event{sides.act,
                     kind_of(sides.view.socket(index)),
                     sides.view,
                     sides.beside,
                     index,
                     std::nullopt,
                     {}};
    if (sides.act == Act::Changed) {
      event.change = socket_change(sides.before, *socket.before, now, *socket.now);
    }
    visit(event);
  }
}

std::string_view act_word(Act act) {
  switch (act) {
    case Act::Present:
      return "present";
    case Act::Began:
      return "appeared";
    case Act::Changed:
      return "changed";
    case Act::Ended:
      break;
  }
  return "vanished";
}

std::string_view thing_word(ThingKind kind) {
  switch (kind) {
    case ThingKind::Listener:
      return "listener";
    case ThingKind::Connection:
      return "connection";
    case ThingKind::Socket:
      return "socket";
    case ThingKind::Process:
      break;
  }
  return "process";
}

SafeText event_text(const ThingEvent& event) {
  SafeText text = SafeText::own(std::string(thing_word(event.kind)) + " " +
                                std::string(act_word(event.act)) + ": ");
  std::vector<SafeText> parts;
  if (event.socket) {
    const Socket& socket = event.view.socket(*event.socket);
    SafeText ends = SafeText::own(std::string(schema::protocol_name(socket.protocol)) + " ") +
                    local_text(socket);
    const SafeText remote = remote_text(socket);
    if (schema::is_connected(socket) && !remote.empty()) {
      ends = from_to(std::move(ends), remote);
    }
    parts.push_back(std::move(ends));
  }
  if (const Process* actor = event.actor()) {
    parts.push_back(process_text(*actor));
    parts.push_back(user_text(event.view, actor->effective_uid));
  } else if (event.socket) {
    parts.push_back(no_holder_text(event.view.socket(*event.socket).no_holder));
  }
  parts.push_back(event.change);
  return text + join(parts, ", ");
}

}  // namespace sockwitness::query
