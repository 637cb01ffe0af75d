#include "schema/model/snapshot.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace sockwitness::schema {
namespace {

// Sorts `values` by `key` and returns the new position of each old one.
template <class T, class Key>
std::vector<std::uint32_t> sort_and_renumber(std::vector<T>& values, Key key) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return key(values[left]) < key(values[right]);
  });
  std::vector<T> sorted;
  sorted.reserve(values.size());
  std::vector<std::uint32_t> position(values.size());
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    position[order[place]] = place;
    sorted.push_back(std::move(values[order[place]]));
  }
  values = std::move(sorted);
  return position;
}

template <class Index>
void renumber(Index& index, const std::vector<std::uint32_t>& position) {
  index = Index(position[index.value()]);
}

template <class Index>
void renumber(std::optional<Index>& index, const std::vector<std::uint32_t>& position) {
  if (index) {
    renumber(*index, position);
  }
}

void drop_unused_programs(Snapshot& snapshot) {
  std::vector<bool> used(snapshot.programs.size(), false);
  const auto mark = [&](const std::optional<ProgramIndex>& program) {
    if (program) {
      used[program->value()] = true;
    }
  };
  for (const Process& process : snapshot.processes) {
    mark(process.program);
    mark(process.script_file);
  }
  for (const Mapping& mapping : snapshot.mappings) {
    mark(mapping.file);
  }
  std::vector<std::uint32_t> position(snapshot.programs.size());
  std::vector<Program> kept;
  for (std::size_t at = 0; at < used.size(); ++at) {
    position[at] = static_cast<std::uint32_t>(kept.size());
    if (used[at]) {
      kept.push_back(std::move(snapshot.programs[at]));
    }
  }
  snapshot.programs = std::move(kept);
  for (Process& process : snapshot.processes) {
    renumber(process.program, position);
    renumber(process.script_file, position);
  }
  for (Mapping& mapping : snapshot.mappings) {
    renumber(mapping.file, position);
  }
}

}  // namespace

Totals count_totals(const Snapshot& snapshot) {
  Totals totals;
  for (const Socket& socket : snapshot.sockets) {
    if (!is_inet(socket) || socket.state == SocketState::Unbound ||
        socket.state == SocketState::Close || is_forward(socket)) {
      continue;
    }
    if (is_listening(socket)) {
      ++totals.listening;
    } else if (socket.state != SocketState::Unconnected) {
      ++totals.connected;
    }
  }
  totals.processes = static_cast<std::uint32_t>(snapshot.processes.size());
  totals.gaps = static_cast<std::uint32_t>(snapshot.gaps.size());
  return totals;
}

void sort_canonically(Snapshot& snapshot) {
  drop_unused_programs(snapshot);
  const auto itself = [](const auto& value) -> const auto& {
    return value;
  };

  const auto netns = sort_and_renumber(snapshot.namespaces, itself);
  for (Socket& socket : snapshot.sockets) {
    renumber(socket.netns, netns);
  }
  for (Process& process : snapshot.processes) {
    renumber(process.netns, netns);
  }
  for (Gap& gap : snapshot.gaps) {
    renumber(gap.netns, netns);
  }

  const auto programs = sort_and_renumber(snapshot.programs, itself);
  for (Process& process : snapshot.processes) {
    renumber(process.program, programs);
    renumber(process.script_file, programs);
  }
  for (Mapping& mapping : snapshot.mappings) {
    renumber(mapping.file, programs);
  }

  const auto processes = sort_and_renumber(snapshot.processes, [](const Process& process) {
    return std::tuple(process.pid, process.start);
  });
  for (Holder& holder : snapshot.holders) {
    renumber(holder.process, processes);
  }
  for (Descriptor& descriptor : snapshot.descriptors) {
    renumber(descriptor.process, processes);
  }
  for (Mapping& mapping : snapshot.mappings) {
    renumber(mapping.process, processes);
  }

  const auto sockets = sort_and_renumber(snapshot.sockets, [](const Socket& socket) {
    return std::tie(socket.protocol,
                    socket.family,
                    socket.netns,
                    socket.local_address,
                    socket.local_port,
                    socket.remote_address,
                    socket.remote_port,
                    socket.name,
                    socket.cookie,
                    socket.inode,
                    socket.state);
  });
  for (Holder& holder : snapshot.holders) {
    renumber(holder.socket, sockets);
  }
  std::sort(snapshot.holders.begin(), snapshot.holders.end());
  std::sort(snapshot.descriptors.begin(), snapshot.descriptors.end());
  std::sort(snapshot.mappings.begin(), snapshot.mappings.end());
  std::sort(snapshot.gaps.begin(), snapshot.gaps.end());
  std::stable_sort(
      snapshot.users.begin(),
      snapshot.users.end(),
      [](const UserName& left, const UserName& right) { return left.uid < right.uid; });
  std::sort(snapshot.groups.begin(), snapshot.groups.end());
  std::sort(snapshot.registrations.begin(), snapshot.registrations.end());
}

}  // namespace sockwitness::schema
