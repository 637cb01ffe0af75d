#include "query/report/export/export_ecs.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "query/report/export/export_event.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/chronicle_words.h"
#include "query/report/records/line_members.h"
#include "query/report/records/records.h"
#include "query/report/words/host_words.h"
#include "schema/base/escape.h"
#include "schema/model/snapshot.h"
#include "schema/view/command_line.h"
#include "schema/view/container_identity.h"

namespace sockwitness::query {
namespace {

using schema::Process;
using schema::Socket;

constexpr std::string_view kEcsVersion = "9.0.0";

Value list_of(std::string_view word) {
  return Value::List{Value(word)};
}

// The words that ECS allows for event.type in the categories network and process.
std::string_view type_word(const ShownThing& thing) {
  switch (thing.act) {
    case Act::Present:
      return "info";
    case Act::Appeared:
      return "start";
    case Act::Changed:
      return thing.kind == ThingKind::Process ? "change" : "info";
    case Act::Vanished:
      break;
  }
  return "end";
}

Value::Object event_object(std::string_view kind,
                           std::string_view category,
                           std::string_view type,
                           std::string action,
                           std::string_view dataset,
                           std::uint64_t sequence) {
  return {{"kind", kind},
          {"category", list_of(category)},
          {"type", list_of(type)},
          {"action", std::move(action)},
          {"module", "sockwitness"},
          {"dataset", dataset},
          {"sequence", sequence}};
}

Value host_object(const schema::Context& context) {
  return Value::Object{{"id", text_or_null(context.machine_id)},
                       {"name", context.host_name},
                       {"boot", Value::Object{{"id", context.boot_id}}}};
}

// Two processes of one host never share it.
std::string entity_id(const schema::Snapshot& snapshot, const Process& process) {
  return fmt::format(
      "{}-{}-{}", snapshot.context.boot_id, process.pid.value(), process.start.nanoseconds);
}

void add_line(Value::Object& object, const Process& process) {
  if (!process.command_line) {
    return;
  }
  Value::List arguments;
  for (const std::string_view argument :
       schema::split_arguments(*process.command_line, process.long_line)) {
    arguments.emplace_back(argument);
  }
  if (process.long_line && process.long_line->shortened()) {
    add_shortened_line(object, *process.command_line, *process.long_line);
    object.push_back({"args", std::move(arguments)});
    return;
  }
  std::string line = *process.command_line;
  const bool exact = schema::is_utf8(line) && line.find(' ') == std::string::npos;
  if (!line.empty() && line.back() == '\0') {
    line.pop_back();
  }
  std::replace(line.begin(), line.end(), '\0', ' ');
  object.push_back({"command_line", schema::json_text(line)});
  if (!exact) {
    object.push_back({"command_line_b64", schema::base64(*process.command_line)});
  }
  object.push_back({"args", std::move(arguments)});
}

Value process_object(const ShownThing& thing, const Process& process) {
  const schema::SnapshotView& view = thing.view;
  const schema::Program* program = view.program(process);
  Value::Object object{{"pid", process.pid.value()},
                       {"entity_id", entity_id(thing.snapshot(), process)},
                       {"name", process.name},
                       {"start", time_value(view.started_at(process))}};
  if (program != nullptr) {
    object.push_back({"executable", program->path});
    if (!program->sha256.empty()) {
      object.push_back({"hash", Value::Object{{"sha256", schema::hex(program->sha256)}}});
    }
  }
  add_line(object, process);
  if (process.working_directory) {
    object.push_back({"working_directory", *process.working_directory});
  }
  if (process.parent) {
    object.push_back({"parent", Value::Object{{"pid", process.parent->value()}}});
  }
  const auto user = view.user_name(process.effective_uid);
  if (process.effective_uid == schema::kNoUid) {
    return object;
  }
  Value::Object user_object{{"id", std::to_string(process.effective_uid.value())}};
  if (user) {
    user_object.push_back({"name", *user});
  }
  object.push_back({"user", std::move(user_object)});
  return object;
}

Value container_object(const Process& process) {
  Value::Object object{{"id", process.container}};
  if (const std::string name = schema::container_name(process.container_facts); !name.empty()) {
    object.push_back({"name", name});
    object.push_back({"runtime", schema::container_engine_word(process.container_facts->engine)});
  }
  if (process.container_facts && !process.container_facts->image.empty()) {
    object.push_back({"image", Value::Object{{"name", process.container_facts->image}}});
  }
  return object;
}

Value end_object(const schema::IpAddress& address, schema::Port port) {
  return Value::Object{{"ip", address.text()}, {"address", address.text()}, {"port", port.value()}};
}

void add_network(Value::Object& document, const ShownThing& thing, const Socket& socket) {
  const bool inet = schema::is_inet(socket);
  Value::Object network{{"transport", schema::protocol_name(socket.protocol)}};
  if (inet) {
    network.push_back({"type", schema::family_name(socket.family)});
  }
  document.push_back({"network", std::move(network)});
  if (!inet) {
    return;
  }
  if (thing.kind == ThingKind::Listener) {
    document.push_back({"server", end_object(socket.local_address, socket.local_port)});
  } else {
    document.push_back({"source", end_object(socket.local_address, socket.local_port)});
    document.push_back({"destination", end_object(socket.remote_address, socket.remote_port)});
  }
}

// What ECS has no field for.
Value own_object(const ShownThing& thing, const Moments& moments) {
  Value::Object object{{"seq", thing.snapshot().seq->value()},
                       {"not_before", moment_value(moments, thing.not_before)},
                       {"not_after", moment_value(moments, thing.not_after)},
                       {"change", text_or_null(thing.change.text())}};
  if (thing.socket) {
    const Socket& socket = thing.view.socket(*thing.socket);
    object.push_back({"state", schema::state_name(socket.state)});
    object.push_back({"netns", thing.view.netns_label(socket.netns)});
    object.push_back({"inode", socket.inode.value()});
    if (!schema::is_inet(socket)) {
      object.push_back({"path", text_or_null(socket.name)});
    }
    Value::List holders;
    for (const schema::Holder& holder : thing.view.holders(*thing.socket)) {
      holders.push_back(Value::Object{{"pid", thing.view.process(holder.process).pid.value()},
                                      {"fd", holder.fd.value()}});
    }
    object.push_back({"holders", std::move(holders)});
    object.push_back({"no_holder_reason", text_or_null(schema::no_holder_word(socket.no_holder))});
  }
  return object;
}

Value::Object head_of(schema::WallTime at, std::string message) {
  return {{"@timestamp", time_value(at)},
          {"ecs", Value::Object{{"version", kEcsVersion}}},
          {"message", std::move(message)}};
}

}  // namespace

void EcsExport::add(const TimelineEvent& event) {
  if (const auto thing = find_thing(event)) {
    add_thing(*thing);
  } else if (const auto* gap = std::get_if<GapFacts>(&event.what)) {
    add_gap(*gap, event.kind == EventKind::GapBegun);
  } else if (const auto* happened = std::get_if<ChronicleEvent>(&event.what)) {
    add_chronicle(*happened);
  }
}

void EcsExport::add_thing(const ShownThing& thing) {
  const bool is_process = thing.kind == ThingKind::Process;
  Value::Object document = head_of(thing.snapshot().begin.wall, thing_text(thing).text());
  document.push_back(
      {"event",
       event_object(thing.act == Act::Present ? "state" : "event",
                    is_process ? "process" : "network",
                    type_word(thing),
                    fmt::format("{}-{}", thing_word(thing.kind), act_word(thing.act)),
                    is_process ? "sockwitness.process" : "sockwitness.socket",
                    next_sequence())});
  document.push_back({"host", host_object(thing.snapshot().context)});
  if (thing.socket) {
    add_network(document, thing, thing.view.socket(*thing.socket));
  }
  if (const Process* process = thing.actor()) {
    document.push_back({"process", process_object(thing, *process)});
    if (!process->container.empty()) {
      document.push_back({"container", container_object(*process)});
    }
  }
  document.push_back({"sockwitness", own_object(thing, moments_)});
  sink_(document);
}

void EcsExport::add_gap(const GapFacts& facts, bool begun) {
  const schema::Snapshot& snapshot = facts.event_snapshot->snapshot();
  const schema::Gap& gap = snapshot.gaps.at(facts.gap);
  Value::Object document =
      head_of(snapshot.begin.wall, "not seen: " + gap_text(gap, snapshot.namespaces).text());
  document.push_back({"event",
                      event_object("event",
                                   "host",
                                   begun ? "start" : "end",
                                   begun ? "gap-appeared" : "gap-vanished",
                                   "sockwitness.gap",
                                   next_sequence())});
  document.push_back({"host", host_object(snapshot.context)});
  document.push_back({"sockwitness",
                      Value::Object{{"seq", snapshot.seq->value()},
                                    {"gap", gap_value(gap, snapshot.namespaces)}}});
  sink_(document);
}

void EcsExport::add_chronicle(const ChronicleEvent& event) {
  const std::size_t place = event.before.value_or(moments_.size());
  const Moment& moment = moments_[std::min(place, moments_.size() - 1)];
  const ClockFace clock = [](schema::WallTime time) { return schema::format_utc(time); };
  Value::Object document = head_of(event.missed ? missed_[*event.missed].at : moment.begin.wall,
                                   chronicle_text(event, missed_, clock).text());
  std::string action(chronicle_kind_word(event.kind));
  std::replace(action.begin(), action.end(), '_', '-');
  document.push_back(
      {"event",
       event_object(
           "event", "host", "info", std::move(action), "sockwitness.recording", next_sequence())});
  document.push_back({"host", host_object(moments_.context(moment))});
  Value::Object own{
      {"seq", event.before ? Value(moment.seq.value()) : Value()},
      {"not_before", place == 0 ? Value() : time_value(moments_[place - 1].begin.wall)},
      {"not_after", event.before ? time_value(moment.begin.wall) : Value()}};
  for (Member& member : chronicle_members(event, missed_)) {
    own.push_back(std::move(member));
  }
  document.push_back({"sockwitness", std::move(own)});
  sink_(document);
}

}  // namespace sockwitness::query
