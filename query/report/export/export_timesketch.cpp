#include "query/report/export/export_timesketch.h"

#include <algorithm>

#include "query/report/export/export_event.h"
#include "query/report/records/baseline_records.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/chronicle_words.h"
#include "query/report/records/records.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

using schema::WallTime;

// Source: google/timesketch, timesketch/lib/utils.py: other years are dropped without a word.
constexpr WallTime kEarliest{-8'520'336'000'000'000};  // 1700-01-01
constexpr WallTime kLatest{253'402'300'799'000'000};   // 9999-12-31T23:59:59

Value::Object head_of(std::string message,
                      WallTime at,
                      std::string_view description,
                      std::string_view event) {
  Value::Object object{{"message", std::move(message)},
                       {"datetime", timesketch_datetime(at)},
                       {"timestamp_desc", description},
                       {"event", event}};
  if (at < kEarliest || at > kLatest) {
    object.push_back({"recorded_time_us", at.microseconds});
  }
  return object;
}

void add_snapshot(Value::Object& object, const schema::Snapshot& snapshot) {
  object.push_back({"host", snapshot.context.host_name});
  object.push_back({"machine_id", snapshot.context.machine_id});
  object.push_back({"boot_id", snapshot.context.boot_id});
  object.push_back({"seq", snapshot.seq ? Value(snapshot.seq->value()) : Value()});
}

void add_socket(Value::Object& object, const ShownThing& thing) {
  const schema::Socket& socket = thing.view.socket(*thing.socket);
  object.push_back({"protocol", schema::protocol_name(socket.protocol)});
  object.push_back({"family", schema::family_name(socket.family)});
  object.push_back({"state", schema::state_name(socket.state)});
  if (schema::is_inet(socket)) {
    object.push_back({"local_address", socket.local_address.text()});
    object.push_back({"local_port", socket.local_port.value()});
    object.push_back({"remote_address", socket.remote_address.text()});
    object.push_back({"remote_port", socket.remote_port.value()});
  } else {
    object.push_back({"path", text_or_null(socket.name)});
  }
  object.push_back({"inode", socket.inode.value()});
  object.push_back({"netns", thing.view.netns_label(socket.netns)});
  object.push_back(
      {"holders", static_cast<std::uint64_t>(thing.view.holders(*thing.socket).size())});
  object.push_back({"no_holder_reason", text_or_null(schema::no_holder_word(socket.no_holder))});
}

void add_process(Value::Object& object, const ShownThing& thing) {
  const schema::Process* process = thing.actor();
  if (process == nullptr) {
    return;
  }
  const Value owner = owner_value(schema::owner_of(thing.view, *process));
  for (const Member& member : *std::get<Value::SharedObject>(owner.content())) {
    if (member.key != "fd") {
      object.push_back(member);
    }
  }
}

// When a process began is known better than from the first snapshot that saw it.
bool tells_start(const ShownThing& thing) {
  return thing.kind == ThingKind::Process &&
         (thing.act == Act::Appeared || thing.act == Act::Present);
}

std::string_view description_of(const ShownThing& thing) {
  if (tells_start(thing)) {
    return "Start Time";
  }
  switch (thing.act) {
    case Act::Present:
      return "Present";
    case Act::Appeared:
      return "First Seen";
    case Act::Changed:
      return "Change Seen";
    case Act::Vanished:
      break;
  }
  return "Last Seen";
}

}  // namespace

std::string timesketch_datetime(WallTime time) {
  std::string text = schema::format_utc_micros(std::clamp(time, kEarliest, kLatest));
  text.pop_back();  // the Z
  return text + "+00:00";
}

void TimesketchExport::add(const TimelineEvent& event) {
  if (const auto thing = find_thing(event)) {
    add_thing(*thing);
  } else if (const auto* gap = std::get_if<GapFacts>(&event.what)) {
    add_gap(*gap, event.kind == EventKind::GapBegun);
  } else if (const auto* happened = std::get_if<ChronicleEvent>(&event.what)) {
    add_chronicle(*happened);
  }
}

void TimesketchExport::add_thing(const ShownThing& thing) {
  const schema::Snapshot& snapshot = thing.snapshot();
  const WallTime at =
      tells_start(thing) ? thing.view.started_at(*thing.actor()) : snapshot.begin.wall;
  Value::Object object =
      head_of(thing_text(thing).text(),
              at,
              description_of(thing),
              std::string(thing_word(thing.kind)) + "_" + std::string(act_word(thing.act)));
  add_snapshot(object, snapshot);
  object.push_back({"seen_at", time_value(snapshot.begin.wall)});
  object.push_back({"not_before", moment_value(moments_, thing.not_before)});
  object.push_back({"not_after", moment_value(moments_, thing.not_after)});
  if (thing.socket) {
    add_socket(object, thing);
  }
  add_process(object, thing);
  sink_(object);
}

void TimesketchExport::add_gap(const GapFacts& facts, bool begun) {
  const schema::Snapshot& snapshot = facts.event_snapshot->snapshot();
  const schema::Gap& gap = snapshot.gaps.at(facts.gap);
  const std::string words = gap_text(gap, snapshot.namespaces).text();
  Value::Object object = head_of((begun ? "not seen: " : "not seen, for the last time: ") + words,
                                 snapshot.begin.wall,
                                 begun ? "First Seen" : "Last Seen",
                                 begun ? "gap_appeared" : "gap_vanished");
  add_snapshot(object, snapshot);
  object.push_back({"gap_source", schema::gap_source_word(gap.source)});
  object.push_back({"gap_reason", schema::gap_reason_word(gap.reason)});
  object.push_back({"gap_object", text_or_null(gap.object.text())});
  sink_(object);
}

void TimesketchExport::add_chronicle(const ChronicleEvent& event) {
  const std::size_t place = event.before.value_or(moments_.size());
  const Moment& moment = moments_[std::min(place, moments_.size() - 1)];
  const WallTime at = event.missed ? missed_[*event.missed].at : moment.begin.wall;
  const ClockFace clock = [](WallTime time) { return schema::format_utc(time); };
  Value::Object object = head_of(chronicle_text(event, missed_, clock).text(),
                                 at,
                                 event.missed ? "Run" : "Seen",
                                 chronicle_kind_word(event.kind));
  object.push_back({"host", moments_.context(moment).host_name});
  object.push_back({"seq", moment.seq.value()});
  for (Member& member : chronicle_members(event, missed_)) {
    if (!member.value.is_null()) {
      object.push_back(std::move(member));
    }
  }
  sink_(object);
}

void TimesketchExport::add(const schema::BaselineInfo& baseline) {
  const ClockFace clock = [](WallTime time) { return schema::format_utc(time); };
  Value::Object object = head_of("made " + baseline_text(baseline, clock).text(),
                                 baseline.made_at,
                                 "Creation Time",
                                 "baseline");
  object.push_back({"host", baseline.host_name});
  object.push_back({"baseline", baseline.name});
  object.push_back({"user", baseline.author.user});
  object.push_back({"note", text_or_null(baseline.note)});
  sink_(object);
}

}  // namespace sockwitness::query
