// How much of the made-up host a snapshot shows.
#include "tests/support/service_history.h"

namespace sockwitness::test {

using schema::NoHolderReason;
using schema::Protocol;

ServiceHistory::Visible ServiceHistory::look_how() {
  Visible visible;
  if (dice_.one_in(6)) {
    visible.closed_namespaces.insert(std::prev(namespaces_.end())->first);
    visible.namespace_unnamed = dice_.one_in(2);
  }
  if (dice_.one_in(8)) {
    visible.tables.insert(dice_.one_of<Protocol>({Protocol::Tcp, Protocol::Udp, Protocol::Unix}));
    visible.no_such_table = dice_.one_in(3);
  }
  if (dice_.one_in(8)) {
    visible.only = schema::Uid(dice_.one_of<std::uint32_t>({33, 1000}));
  }
  visible.hidden_processes = dice_.one_in(12);
  return visible;
}

void ServiceHistory::place_tasks(const Visible& visible, schema::Snapshot& snapshot) {
  for (const schema::Program& program : programs_) {
    snapshot.programs.push_back(program);
  }
  for (const auto& [key, task] : tasks_) {
    const bool readable = !visible.only || *visible.only == task.kind.uid;
    if (visible.hidden_processes && !readable) {
      continue;
    }
    schema::Process process;
    process.pid = task.pid;
    process.start = task.start;
    process.parent = task.parent;
    process.name = task.kind.name;
    process.effective_uid = process.real_uid = task.kind.uid;
    process.unit = task.kind.unit;
    process.container = task.kind.container;
    process.command_line = task.kind.command_line;
    if (readable) {
      process.program = schema::ProgramIndex(static_cast<std::uint32_t>(task.kind.program));
      if (task.kind.script) {
        process.script = programs_[*task.kind.script].path;
        process.script_file = schema::ProgramIndex(static_cast<std::uint32_t>(*task.kind.script));
      }
    }
    const auto netns = netns_index_.find(task.netns);
    if (netns != netns_index_.end()) {
      process.netns = schema::NetnsIndex(netns->second);
    }
    task_index_[key] = static_cast<std::uint32_t>(snapshot.processes.size());
    snapshot.processes.push_back(process);
  }
}

void ServiceHistory::place_sockets(const Visible& visible, schema::Snapshot& snapshot) {
  for (const auto& [key, end] : ends_) {
    const bool lost = visible.tables.contains(end.value.protocol) && key % 2 == 0;
    const auto netns = netns_index_.find(end.netns);
    if (netns == netns_index_.end() || visible.closed_namespaces.contains(end.netns) || lost) {
      continue;
    }
    const schema::SocketIndex index(static_cast<std::uint32_t>(snapshot.sockets.size()));
    schema::Socket socket = end.value;
    socket.netns = schema::NetnsIndex(netns->second);
    bool held = false;
    for (const Hold& hold : end.holds) {
      const auto task = task_index_.find(hold.task);
      if (task != task_index_.end() &&
          (!visible.only || tasks_.at(hold.task).kind.uid == *visible.only)) {
        snapshot.holders.push_back(
            {index, schema::ProcessIndex(task->second), schema::Fd(hold.fd)});
        held = true;
      }
    }
    if (held) {
      socket.no_holder = NoHolderReason::None;
    } else if (visible.only || visible.hidden_processes) {
      socket.no_holder = NoHolderReason::Permission;
    } else if (!end.holds.empty()) {
      socket.no_holder = NoHolderReason::Exited;
    }
    snapshot.sockets.push_back(std::move(socket));
  }
}

void ServiceHistory::note_gaps(const Visible& visible, schema::Snapshot& snapshot) {
  const auto add =
      [&](schema::GapSource source, schema::GapReason reason, schema::GapObject object) {
        schema::Gap gap;
        gap.source = source;
        gap.reason = reason;
        gap.object = std::move(object);
        gap.count = 1 + static_cast<std::uint32_t>(dice_.below(3));
        snapshot.gaps.push_back(gap);
      };
  for (const Key key : visible.closed_namespaces) {
    add(schema::GapSource::Namespace, schema::GapReason::Permission, schema::GapPart::Namespaces);
    if (!visible.namespace_unnamed) {
      snapshot.gaps.back().netns = schema::NetnsIndex(netns_index_.at(key));
    }
  }
  for (const Protocol protocol : visible.tables) {
    add(schema::GapSource::SocketTable,
        visible.no_such_table ? schema::GapReason::NotSupported : schema::GapReason::Interrupted,
        protocol);
    snapshot.gaps.back().netns = schema::NetnsIndex(0);
  }
  if (visible.only) {
    add(schema::GapSource::ProcessField,
        schema::GapReason::Permission,
        schema::GapPart::Descriptors);
  }
  if (visible.hidden_processes) {
    add(schema::GapSource::ProcessList,
        dice_.one_in(2) ? schema::GapReason::Permission : schema::GapReason::NotSupported,
        schema::GapPart::Processes);
  }
  if (dice_.one_in(10)) {
    add(schema::GapSource::Descriptors,
        schema::GapReason::TooMany,
        schema::GapPart::UnlistedSocket);
  }
}

schema::Snapshot ServiceHistory::look(const Visible& visible) {
  schema::Snapshot snapshot;
  snapshot.begin = now_;
  snapshot.end = now_;
  snapshot.end.wall.microseconds += 9'000;
  snapshot.context = context_;
  netns_index_.clear();
  task_index_.clear();
  for (const auto& [key, netns] : namespaces_) {
    if (visible.namespace_unnamed && visible.closed_namespaces.contains(key)) {
      continue;
    }
    netns_index_[key] = static_cast<std::uint32_t>(snapshot.namespaces.size());
    snapshot.namespaces.push_back(netns);
  }
  place_tasks(visible, snapshot);
  place_sockets(visible, snapshot);
  note_gaps(visible, snapshot);
  snapshot.users = {{schema::Uid(0), "root"}, {schema::Uid(33), "www-data"}};
  snapshot.registrations.assign(registrations_.begin(), registrations_.end());
  return snapshot;
}

}  // namespace sockwitness::test
