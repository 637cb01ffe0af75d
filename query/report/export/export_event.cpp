#include "query/report/export/export_event.h"

#include <set>
#include <vector>

#include "query/report/words/socket_words.h"
#include "schema/model/snapshot.h"
#include "schema/view/forwards.h"
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

SafeText nobody_text(const schema::Socket& socket) {
  return schema::is_forward(socket) ? "NAT rule to " + SafeText::host(schema::lead_text(socket))
                                    : no_holder_text(socket.no_holder);
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
  return names.empty() ? nobody_text(view.socket(index)) : join(names, ", ");
}

SafeText socket_change(const SocketTransition& thing) {
  std::vector<SafeText> changes;
  const SnapshotView& before = thing.before.event_snapshot->view();
  const SnapshotView& now = thing.after.event_snapshot->view();
  const Socket& old_socket = before.socket(thing.before.index);
  const Socket& socket = now.socket(thing.after.index);
  if (old_socket.state != socket.state) {
    changes.push_back(from_to(SafeText::own(schema::state_name(old_socket.state)),
                              SafeText::own(schema::state_name(socket.state))));
  }
  const SafeText holders_before = holders_text(before, thing.before.index);
  const SafeText holders_now = holders_text(now, thing.after.index);
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

SafeText process_change(const ProcessTransition& thing) {
  std::vector<SafeText> changes;
  const SnapshotView& before = thing.before.event_snapshot->view();
  const SnapshotView& now = thing.after.event_snapshot->view();
  const Process& was = before.process(thing.before.index);
  const Process& is = now.process(thing.after.index);
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

Act act_of(EventKind kind) {
  switch (kind) {
    case EventKind::SocketPresent:
    case EventKind::ProcessPresent:
      return Act::Present;
    case EventKind::SocketAppeared:
    case EventKind::ProcessStarted:
      return Act::Appeared;
    case EventKind::SocketVanished:
    case EventKind::ProcessEnded:
      return Act::Vanished;
    default:
      return Act::Changed;
  }
}

}  // namespace

const Process* ShownThing::actor() const {
  if (process) {
    return &view.process(*process);
  }
  const auto holders = view.holders(*socket);
  return holders.empty() ? nullptr : &view.process(holders.front().process);
}

std::optional<ShownThing> find_thing(const TimelineEvent& event) {
  const Act act = act_of(event.kind);
  const bool vanished = act == Act::Vanished;
  const auto not_before = vanished ? std::nullopt : event.not_before;
  const auto not_after = vanished ? event.seq : std::nullopt;
  if (const auto* socket = std::get_if<SocketTransition>(&event.what)) {
    const SnapshotView& view = socket->shown().event_snapshot->view();
    const SocketIndex index = socket->shown().index;
    return ShownThing{.act = act,
                      .kind = kind_of(view.socket(index)),
                      .view = view,
                      .socket = index,
                      .process = std::nullopt,
                      .change = act == Act::Changed ? socket_change(*socket) : SafeText(),
                      .not_before = not_before,
                      .not_after = not_after};
  }
  if (const auto* process = std::get_if<ProcessTransition>(&event.what)) {
    return ShownThing{.act = act,
                      .kind = ThingKind::Process,
                      .view = process->shown().event_snapshot->view(),
                      .socket = std::nullopt,
                      .process = process->shown().index,
                      .change = act == Act::Changed ? process_change(*process) : SafeText(),
                      .not_before = not_before,
                      .not_after = not_after};
  }
  return std::nullopt;
}

std::string_view act_word(Act act) {
  switch (act) {
    case Act::Present:
      return "present";
    case Act::Appeared:
      return "appeared";
    case Act::Changed:
      return "changed";
    case Act::Vanished:
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

SafeText thing_text(const ShownThing& thing) {
  SafeText text = SafeText::own(std::string(thing_word(thing.kind)) + " " +
                                std::string(act_word(thing.act)) + ": ");
  std::vector<SafeText> parts;
  if (thing.socket) {
    const Socket& socket = thing.view.socket(*thing.socket);
    SafeText ends = SafeText::own(std::string(schema::protocol_name(socket.protocol)) + " ") +
                    local_text(socket);
    const SafeText remote = remote_text(socket);
    if (schema::is_connected(socket) && !remote.empty()) {
      ends = from_to(std::move(ends), remote);
    }
    parts.push_back(std::move(ends));
  }
  if (const Process* actor = thing.actor()) {
    parts.push_back(process_text(*actor));
    parts.push_back(user_text(thing.view, actor->effective_uid));
  } else if (thing.socket) {
    parts.push_back(nobody_text(thing.view.socket(*thing.socket)));
  }
  parts.push_back(thing.change);
  return text + join(parts, ", ");
}

}  // namespace sockwitness::query
