#include "query/read/hidden_things.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "query/analysis/history/hiding.h"
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

Place find_place(const SnapshotView& view, SocketIndex index) {
  return place_of(view, index);
}

Place find_place(const SnapshotView& view, ProcessIndex index) {
  return place_of(view.process(index));
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

template <class Index>
void HiddenThings::keep_back(const SharedEventSnapshot& before,
                             const SharedEventSnapshot& after,
                             std::vector<Transition<Index>>& changes,
                             Things<Index>& hidden) {
  const bool same_boot = schema::is_same_boot(before->snapshot(), after->snapshot());
  const auto is_hidden = [&](const Hidden<Index>& thing) {
    return same_boot && find_hiding(Observation{{}, {}, {}, after_},
                                    Observation{{}, {}, {}, thing.visibility},
                                    thing.place);
  };
  if (!hidden.empty()) {
    std::erase_if(changes, [&](Transition<Index>& change) {
      const auto found = change.before.event_snapshot || !same_boot
                             ? hidden.end()
                             : hidden.find(identify(after->view(), change.after.index));
      if (found == hidden.end()) {
        return false;
      }
      change.before = found->second.last;
      hidden.erase(found);
      return is_unchanged(change.before.event_snapshot->view(),
                          change.before.index,
                          after->view(),
                          change.after.index);
    });
  }
  std::erase_if(hidden, [&](const auto& entry) {
    if (is_hidden(entry.second)) {
      return false;
    }
    changes.push_back({entry.second.last, {}});
    return true;
  });
  std::erase_if(changes, [&](const Transition<Index>& change) {
    if (change.after.event_snapshot || change.before.event_snapshot != before) {
      return false;
    }
    Hidden<Index> thing{change.before, find_place(before->view(), change.before.index), before_};
    if (!is_hidden(thing)) {
      return false;
    }
    hidden.insert_or_assign(identify(before->view(), change.before.index), std::move(thing));
    return true;
  });
}

void HiddenThings::keep_back(const SharedEventSnapshot& before,
                             const SharedEventSnapshot& after,
                             std::vector<SocketTransition>& sockets,
                             std::vector<ProcessTransition>& processes) {
  before_ = std::move(after_);
  after_ = schema::visibility_of(after->snapshot());
  if (before != nullptr) {
    keep_back(before, after, sockets, sockets_);
    keep_back(before, after, processes, processes_);
  }
}

}  // namespace sockwitness::query
