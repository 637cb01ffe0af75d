#include "query/report/export/export_jsonl.h"

#include <iterator>

#include "query/report/export/export_rows.h"
#include "query/report/records/baseline_records.h"
#include "query/report/records/records.h"

namespace sockwitness::query {
namespace {

using schema::Entity;
using schema::Seq;

// The word of a line's "type"; the same for what began and in "entity" of what ended.
std::string_view entity_word(Entity entity) {
  switch (entity) {
    case Entity::UserName:
      return "user";
    case Entity::GroupName:
      return "group";
    default:
      return schema::entity_table(entity);
  }
}

Value clock_value(const schema::ClockReading& clock) {
  return Value::Object{{"wall", time_value(clock.wall)},
                       {"since_boot_ns", clock.since_boot.nanoseconds},
                       {"awake_ns", clock.monotonic_ns}};
}

Value::Object snapshot_members(const schema::SnapshotInfo& info) {
  const auto& sync = info.clock_sync;
  return {{"begin", clock_value(info.begin)},
          {"end", clock_value(info.end)},
          {"clock_synchronized", sync ? Value(sync->synchronized) : Value()},
          {"clock_max_error_us", sync ? Value(sync->max_error_us) : Value()},
          {"clock_estimated_error_us", sync ? Value(sync->estimated_error_us) : Value()},
          {"listening", info.totals.listening},
          {"connected", info.totals.connected},
          {"processes", info.totals.processes},
          {"gaps", info.totals.gaps},
          {"cost_wall_us", info.cost.wall_us},
          {"cost_cpu_us", info.cost.cpu_us},
          {"cost_peak_kib", info.cost.peak_kib},
          {"deep_seq", info.deep_seq ? Value(info.deep_seq->value()) : Value()},
          {"note", info.note},
          {"deferred", info.deferred ? Value(*info.deferred) : Value()}};
}

Value baseline_service(const schema::Service& service) {
  Value value = service_value(service);
  Value::Object object = *std::get<Value::SharedObject>(value.content());
  const auto& share = service.share;
  const auto& accepted = service.accepted;
  object.push_back({"first_seq", share ? Value(share->first.value()) : Value()});
  object.push_back({"last_seq", share ? Value(share->last.value()) : Value()});
  object.push_back({"snapshots", share ? Value(share->snapshots) : Value()});
  object.push_back({"accepted",
                    accepted
                        ? Value(Value::Object{
                              {"reason", accepted->reason},
                              {"by", accepted->by},
                              {"at", time_value(accepted->at)},
                              {"until", accepted->until ? time_value(*accepted->until) : Value()}})
                        : Value()});
  return object;
}

}  // namespace

void JsonlExport::put(std::string_view type, std::optional<Seq> seq, Value::Object members) {
  Value::Object line{{"type", type}};
  if (seq) {
    line.push_back({"seq", seq->value()});
  }
  line.insert(
      line.end(), std::make_move_iterator(members.begin()), std::make_move_iterator(members.end()));
  sink_(line);
  ++lines_;
}

void JsonlExport::begin(schema::SeqRange range) {
  put("export",
      std::nullopt,
      {{"format", "sockwitness.export/1"},
       {"first_seq", range.first.value()},
       {"last_seq", range.last.value()},
       {"version", SOCKWITNESS_VERSION}});
}

void JsonlExport::add_ended(Seq seq, const schema::Delta& delta) {
  for (const Entity entity : schema::kEntities) {
    const auto& ids = delta.ended_of(entity);
    if (!ids.empty()) {
      put("ended",
          seq,
          {{"entity", entity_word(entity)}, {"ids", Value::List(ids.begin(), ids.end())}});
    }
  }
}

void JsonlExport::add(const schema::SnapshotInfo& info,
                      const schema::Delta& delta,
                      const std::optional<ExportedHead>& head) {
  if (context_ != info.context) {
    context_ = info.context;
    put("context", info.seq, context_members(info.context));
  }
  Value::Object snapshot = snapshot_members(info);
  if (head) {
    snapshot.push_back({"archive", head->archive});
    snapshot.push_back({"record", head->record});
    snapshot.push_back({"head", head->head.empty() ? Value() : Value(head->head)});
  }
  put("snapshot", info.seq, std::move(snapshot));
  add_ended(info.seq, delta);
  for (const auto& [id, program] : delta.programs) {
    put("program", info.seq, program_members(id, program));
  }
  const auto put_all = [&](Entity entity, const auto& rows) {
    for (const auto& row : rows) {
      put(entity_word(entity), info.seq, row_members(row));
    }
  };
  put_all(Entity::Netns, delta.namespaces);
  put_all(Entity::Process, delta.processes);
  put_all(Entity::Socket, delta.sockets);
  put_all(Entity::Holder, delta.holders);
  put_all(Entity::Descriptor, delta.descriptors);
  put_all(Entity::Mapping, delta.mappings);
  put_all(Entity::Gap, delta.gaps);
  put_all(Entity::UserName, delta.users);
  put_all(Entity::GroupName, delta.groups);
  put_all(Entity::Registration, delta.registrations);
  for (const schema::SampleRow& sample : delta.samples) {
    put("sample",
        info.seq,
        {{"socket", sample.socket},
         {"recv_q", sample.queues.recv_q},
         {"send_q", sample.queues.send_q}});
  }
}

void JsonlExport::add(const schema::MissedRun& run) {
  put("missed",
      std::nullopt,
      {{"at", time_value(run.at)},
       {"kind", schema::missed_kind_word(run.kind)},
       {"runs", run.count},
       {"reason", run.reason},
       {"after_seq", run.after ? Value(run.after->value()) : Value()}});
}

void JsonlExport::add(const schema::Baseline& baseline) {
  const Value head = baseline_value(baseline.info, baseline.set.gaps, baseline.set.namespaces);
  Value::Object members = *std::get<Value::SharedObject>(head.content());
  Value::List namespaces;
  for (const schema::Netns& netns : baseline.set.namespaces) {
    namespaces.push_back(Value::Object{{"label", netns.label}});
  }
  Value::List services;
  for (const schema::Service& service : baseline.set.services) {
    services.push_back(baseline_service(service));
  }
  members.push_back({"namespaces", std::move(namespaces)});
  members.push_back({"service_list", std::move(services)});
  put("baseline", std::nullopt, std::move(members));
}

void JsonlExport::finish() {
  put("end", std::nullopt, {{"lines", lines_}});
}

}  // namespace sockwitness::query
