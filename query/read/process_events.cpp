#include "query/read/process_events.h"

#include <algorithm>

#include "query/read/version_snapshot.h"

namespace sockwitness::query {
namespace {

using schema::Program;
using schema::RowId;
using schema::Seq;

// The kernel tells no other file for the same process but by exec.
bool is_same_file(const Program& left, const Program& right) {
  return left.device == right.device && left.inode == right.inode && left.path == right.path;
}

bool hides_process(const schema::Gap& gap) {
  return gap.source == schema::GapSource::Process || gap.source == schema::GapSource::ProcessList;
}

bool scripts_differ(const schema::Process& left, const schema::Process& right) {
  return !left.unread.contains(schema::Part::Script) &&
         !right.unread.contains(schema::Part::Script) && left.script != right.script;
}

}  // namespace

ProcessEvents::ProcessEvents(const Reading& reading,
                             const Filter& filter,
                             std::vector<RowId> origins)
    : reading_(reading),
      filter_(filter),
      reader_(reading.database, reading.range, reading.latest),
      same_(reading, schema::Entity::Process, hides_process),
      windows_(reading,
               schema::Entity::Process,
               std::move(origins),
               [this](const std::vector<RowId>& wanted) { return reader_.read_processes(wanted); }),
      visibility_(reading) {
}

ProcessEvents::Shown ProcessEvents::show(const ProcessHistory& thing, Seq seq) {
  VersionSnapshot partial(reading_.moments, reading_.contexts, reader_, seq);
  const auto index = partial.add(thing).value();
  return {std::make_shared<const EventSnapshot>(partial.take()), index};
}

// The recorder's runs tell nothing of the host: they are for whoever asks for everything, or for
// processes by what they are.
bool ProcessEvents::is_own_run(const ProcessHistory& thing) const {
  return filter_.breadth != Breadth::All && !asks_for_holders(filter_) &&
         std::any_of(thing.versions.begin(),
                     thing.versions.end(),
                     [](const ProcessVersion& version) { return version.row.process.recorder; });
}

bool ProcessEvents::is_meant(const ProcessHistory& thing) {
  if (is_own_run(thing)) {
    return false;
  }
  return std::any_of(
      thing.versions.begin(), thing.versions.end(), [&](const ProcessVersion& version) {
        if (!version.seen.overlaps(reading_.range)) {
          return false;
        }
        const Shown shown = show(thing, std::max(version.seen.first, reading_.range.first));
        const auto& view = shown.event_snapshot->view();
        return matches(filter_, view, view.process(shown.index));
      });
}

void ProcessEvents::add_execs(const ProcessHistory& thing,
                              std::size_t first,
                              schema::SeqRange seen,
                              std::vector<TimelineEvent>& events) {
  const ProcessVersion* before = nullptr;  // the last one whose program could be read
  for (std::size_t at = 0; at < thing.versions.size(); ++at) {
    const ProcessVersion& version = thing.versions[at];
    if (!version.row.program) {
      continue;
    }
    const bool within = before != nullptr && version.seen.first > reading_.range.first &&
                        version.seen.first <= reading_.range.last &&
                        before->seen.last >= reading_.range.first;
    const bool is_exec = within && (!is_same_file(reader_.program(*before->row.program),
                                                  reader_.program(*version.row.program)) ||
                                    scripts_differ(before->row.process, version.row.process));
    if (is_exec && at >= first) {
      const Shown now = show(thing, version.seen.first);
      const Shown then = show(thing, before->seen.last);
      events.push_back(
          {EventKind::ProcessExec,
           version.seen.first,
           before->seen.last,
           ProcessFacts{now.event_snapshot, now.index, then.event_snapshot, then.index, seen}});
    }
    // One whose script could not be read tells nothing of the next.
    const bool told = before == nullptr || is_exec || before->row.program != version.row.program ||
                      !version.row.process.unread.contains(schema::Part::Script);
    before = told ? &version : before;
  }
}

// The same process before a gap hid it.
std::vector<ProcessVersion> ProcessEvents::take_earlier(const ProcessHistory& thing) {
  const auto* before = same_.before(thing.origin);
  const auto found = before != nullptr ? earlier_.find(before->earlier) : earlier_.end();
  return found == earlier_.end() ? std::vector<ProcessVersion>()
                                 : std::move(earlier_.extract(found).mapped());
}

void ProcessEvents::add_thing(const ProcessHistory& later, std::vector<TimelineEvent>& events) {
  ProcessHistory thing{later.origin, take_earlier(later)};
  const std::size_t known = thing.versions.size();
  thing.versions.insert(thing.versions.end(), later.versions.begin(), later.versions.end());
  const schema::SeqRange seen = thing.seen();
  const Place place{std::nullopt, thing.versions.front().row.process.pid};
  const bool is_new = seen.first > reading_.range.first;
  const Seq first = std::max(seen.first, reading_.range.first);
  const Shown begin = show(thing, first);
  if (known == 0) {
    events.push_back({is_new ? EventKind::ProcessStarted : EventKind::ProcessPresent,
                      first,
                      is_new ? visibility_.not_before(place, first) : std::nullopt,
                      ProcessFacts{begin.event_snapshot, begin.index, nullptr, {}, seen}});
  }
  add_execs(thing, known, later.seen(), events);
  const auto* after = same_.after(later.origin);
  if (after != nullptr && visibility_.is_hidden(place, after->last, after->first)) {
    earlier_.emplace(later.origin, std::move(thing.versions));
    return;
  }
  if (seen.last >= reading_.range.last) {
    return;
  }
  if (const auto gone = visibility_.not_after(place, seen.last)) {
    const Shown end = show(thing, seen.last);
    events.push_back({EventKind::ProcessEnded,
                      *gone,
                      seen.last,
                      ProcessFacts{end.event_snapshot, end.index, nullptr, {}, later.seen()}});
  }
}

bool ProcessEvents::next(std::vector<TimelineEvent>& events) {
  if (!windows_.next()) {
    return false;
  }
  const auto& things = windows_.things();
  for (std::size_t at = windows_.first_new(); at < things.size(); ++at) {
    if (is_meant(things[at])) {
      add_thing(things[at], events);
    }
  }
  return true;
}

}  // namespace sockwitness::query
