#include "query/read/out_of_sight.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "query/analysis/hiding.h"
#include "query/read/identities.h"
#include "schema/model/same_boot.h"
#include "schema/model/snapshot.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

using schema::ProcessIndex;
using schema::Snapshot;
using schema::SnapshotView;
using schema::SocketIndex;

Identity identify(const SnapshotView& view, SocketIndex index) {
  return identity_of(0, view, index);
}

Identity identify(const SnapshotView& view, ProcessIndex index) {
  return identity_of(0, view.process(index));
}

Place place_of(const SnapshotView& view, SocketIndex index) {
  return {schema::endpoint_of(view.snapshot(), view.socket(index)), std::nullopt};
}

Place place_of(const SnapshotView& view, ProcessIndex index) {
  return {std::nullopt, view.process(index).pid};
}

const schema::Program* find_program(const Snapshot& snapshot,
                                    const std::optional<schema::ProgramIndex>& index) {
  return index ? &snapshot.programs.at(index->value()) : nullptr;
}

bool equal_values(const schema::Program* left, const schema::Program* right) {
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

std::string_view label_of(const Snapshot& snapshot,
                          const std::optional<schema::NetnsIndex>& netns) {
  return netns ? std::string_view(snapshot.namespaces.at(netns->value()).label)
               : std::string_view();
}

// Positions mean nothing outside their snapshot: what they lead to is compared.
bool is_unchanged(const SnapshotView& before,
                  ProcessIndex was,
                  const SnapshotView& now,
                  ProcessIndex is) {
  schema::Process old = before.process(was);
  const schema::Process& process = now.process(is);
  const bool same =
      equal_values(find_program(before.snapshot(), old.program),
                   find_program(now.snapshot(), process.program)) &&
      equal_values(find_program(before.snapshot(), old.script_file),
                   find_program(now.snapshot(), process.script_file)) &&
      label_of(before.snapshot(), old.netns) == label_of(now.snapshot(), process.netns);
  old.program = process.program;
  old.script_file = process.script_file;
  old.netns = process.netns;
  return same && old == process;
}

std::set<std::tuple<schema::Pid, schema::BootTime, schema::Fd>> holders_of(const SnapshotView& view,
                                                                           SocketIndex index) {
  std::set<std::tuple<schema::Pid, schema::BootTime, schema::Fd>> holders;
  for (const schema::Holder& holder : view.holders(index)) {
    const schema::Process& process = view.process(holder.process);
    holders.emplace(process.pid, process.start, holder.fd);
  }
  return holders;
}

bool is_unchanged(const SnapshotView& before,
                  SocketIndex was,
                  const SnapshotView& now,
                  SocketIndex is) {
  schema::Socket old = before.socket(was);
  const schema::Socket& socket = now.socket(is);
  const bool same =
      label_of(before.snapshot(), old.netns) == label_of(now.snapshot(), socket.netns) &&
      holders_of(before, was) == holders_of(now, is);
  old.netns = socket.netns;
  old.queues = socket.queues;
  return same && old == socket;
}

}  // namespace

template <class Index, class Turns>
void OutOfSight::sort_things(Turn& turn, Turns& turns, Things<Index>& lost) {
  const bool same_boot = schema::is_same_boot(turn.before, turn.now);
  const SnapshotView now(turn.now);
  const auto is_hidden = [&](const Lost<Index>& thing) {
    return same_boot &&
           find_hiding(
               Sighting{{}, {}, {}, now_}, Sighting{{}, {}, {}, thing.visibility}, thing.place);
  };
  if (!lost.empty()) {
    std::erase_if(turns, [&](auto& each) {
      const auto found =
          each.before || !same_boot ? lost.end() : lost.find(identify(now, *each.now));
      if (found == lost.end()) {
        return false;
      }
      each.seen = found->second.seen;
      each.before = found->second.index;
      lost.erase(found);
      return is_unchanged(SnapshotView(*each.seen), *each.before, now, *each.now);
    });
  }
  std::erase_if(lost, [&](const auto& entry) {
    if (is_hidden(entry.second)) {
      return false;
    }
    turns.push_back({entry.second.index, std::nullopt, entry.second.seen});
    return true;
  });
  Shared seen;
  const SnapshotView before(turn.before);
  std::erase_if(turns, [&](const auto& each) {
    if (!each.before || each.now || each.seen) {
      return false;
    }
    Lost<Index> thing{nullptr, *each.before, place_of(before, *each.before), before_};
    if (!is_hidden(thing)) {
      return false;
    }
    if (seen == nullptr) {
      seen = std::make_shared<const Snapshot>(turn.before);
    }
    thing.seen = seen;
    lost.insert_or_assign(identify(before, *each.before), std::move(thing));
    return true;
  });
}

void OutOfSight::sort(Turn& turn, schema::SharedVisibility visibility) {
  before_ = std::move(now_);
  now_ = std::move(visibility);
  if (turn.whole) {
    return;
  }
  sort_things(turn, turn.sockets, sockets_);
  sort_things(turn, turn.processes, processes_);
}

}  // namespace sockwitness::query
