#include "query/read/process_events.h"

#include <algorithm>

#include "query/read/partial_snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Program;
using schema::RowId;
using schema::Seq;

// The kernel tells no other file for the same process but by exec.
bool is_same_file(const Program& left, const Program& right) {
  return left.device == right.device && left.inode == right.inode && left.path == right.path;
}

}  // namespace

ProcessEvents::ProcessEvents(const Reading& reading,
                             const Filter& filter,
                             std::vector<RowId> origins)
    : reading_(reading),
      filter_(filter),
      reader_(reading.database, reading.stretch, reading.latest),
      sweep_(
          reading.database,
          schema::Entity::Process,
          reading.stretch,
          std::move(origins),
          [this](const std::vector<RowId>& wanted) { return reader_.read_processes(wanted); },
          reading.tick),
      outlook_(reading) {
}

ProcessEvents::Shown ProcessEvents::show(const ProcessLife& life, Seq seq) {
  PartialSnapshot partial(reading_.moments, reading_.around, reader_, seq);
  const auto index = partial.add(life).value();
  return {std::make_shared<const Excerpt>(partial.take()), index};
}

bool ProcessEvents::is_meant(const ProcessLife& life) {
  return std::any_of(
      life.versions.begin(), life.versions.end(), [&](const ProcessVersion& version) {
        if (!version.seen.overlaps(reading_.stretch)) {
          return false;
        }
        const Shown shown = show(life, std::max(version.seen.first, reading_.stretch.first));
        const auto& view = shown.excerpt->view();
        return matches(filter_, view, view.process(shown.index));
      });
}

void ProcessEvents::add_execs(const ProcessLife& life, std::vector<TimelineEvent>& events) {
  const ProcessVersion* before = nullptr;  // the last one whose program could be read
  for (const ProcessVersion& version : life.versions) {
    if (!version.row.program) {
      continue;
    }
    const bool within = before != nullptr && version.seen.first > reading_.stretch.first &&
                        version.seen.first <= reading_.stretch.last &&
                        before->seen.last >= reading_.stretch.first;
    const bool is_exec = within && (!is_same_file(reader_.program(*before->row.program),
                                                  reader_.program(*version.row.program)) ||
                                    before->row.process.script != version.row.process.script);
    if (is_exec) {
      const Shown now = show(life, version.seen.first);
      const Shown then = show(life, before->seen.last);
      events.push_back(
          {EventKind::ProcessExec,
           version.seen.first,
           before->seen.last,
           ProcessFacts{now.excerpt, now.index, then.excerpt, then.index, life.seen()}});
    }
    before = &version;
  }
}

void ProcessEvents::add_life(const ProcessLife& life, std::vector<TimelineEvent>& events) {
  const schema::SeqRange seen = life.seen();
  const Place place{std::nullopt, life.versions.front().row.process.pid};
  const bool is_new = seen.first > reading_.stretch.first;
  const Seq first = std::max(seen.first, reading_.stretch.first);
  const Shown begin = show(life, first);
  events.push_back({is_new ? EventKind::ProcessStarted : EventKind::ProcessPresent,
                    first,
                    is_new ? outlook_.not_before(place, first) : std::nullopt,
                    ProcessFacts{begin.excerpt, begin.index, nullptr, {}, seen}});
  add_execs(life, events);
  if (seen.last >= reading_.stretch.last) {
    return;
  }
  if (const auto gone = outlook_.not_after(place, seen.last)) {
    const Shown end = show(life, seen.last);
    events.push_back({EventKind::ProcessEnded,
                      *gone,
                      seen.last,
                      ProcessFacts{end.excerpt, end.index, nullptr, {}, seen}});
  }
}

bool ProcessEvents::next(std::vector<TimelineEvent>& events) {
  if (!sweep_.next()) {
    return false;
  }
  const auto& lives = sweep_.lives();
  for (std::size_t at = sweep_.first_new(); at < lives.size(); ++at) {
    if (is_meant(lives[at])) {
      add_life(lives[at], events);
    }
  }
  return true;
}

}  // namespace sockwitness::query
