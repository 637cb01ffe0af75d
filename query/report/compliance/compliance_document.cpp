#include <fmt/format.h>

#include "query/report/compliance/change_row.h"
#include "query/report/compliance/compliance.h"
#include "query/report/compliance/controls.h"
#include "query/report/compliance/report_events.h"
#include "query/report/compliance/statements.h"
#include "query/report/records/baseline_records.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/finding_value.h"
#include "query/report/records/records.h"
#include "query/report/writers/csv_writer.h"
#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

// "program" of a service whose owner is not a process.
Value owner_or_null(const schema::Owner* owner) {
  return owner == nullptr ? Value() : owner_value(*owner);
}

void add_approval(Value::Object& object, std::string_view when, const Approval& approval) {
  const bool then = when == "then";
  object.push_back({then ? "approved_then" : "approved_now", account_status_word(approval.status)});
}

void add_justification(Value::Object& object, const Approval& approval) {
  object.push_back({"justification", text_or_null(approval.reason)});
  object.push_back({"approver", text_or_null(approval.approved_by)});
  object.push_back({"ticket", text_or_null(approval.ticket)});
  object.push_back({"expires", approval.expires ? time_value(*approval.expires) : Value()});
  object.push_back({"obstacle", text_or_null(approval.obstacle)});
}

void append(Value::Object& object, Value::Object more) {
  for (Member& member : more) {
    object.push_back(std::move(member));
  }
}

Value change_value(const ComplianceInput& input, std::size_t at) {
  const ChangeRow row = change_row(input, at);
  const RegisterChange& registered = row.registered;
  Value::Object object{{"id", row.id},
                       {"kind", change_kind_word(registered.change.kind)},
                       {"severity", severity_word(registered.change.severity)},
                       {"changed_after", time_value(row.not_before)},
                       {"changed_by", time_value(row.seen)},
                       {"changed_after_seq", registered.before.value()},
                       {"changed_by_seq", registered.after.value()}};
  const Span* span = row.span;
  const auto last_seen = [&](const Span& ended) {
    return ended.not_after ? time_value(input.wall(ended.seen.last)) : Value();
  };
  object.push_back(
      {"first_seen", span == nullptr ? Value() : time_value(input.wall(span->seen.first))});
  object.push_back({"first_seen_seq", span == nullptr ? Value() : Value(span->seen.first.value())});
  object.push_back({"last_seen_absent",
                    span == nullptr ? Value() : moment_value(input.moments, span->not_before)});
  object.push_back({"last_seen", span == nullptr ? Value() : last_seen(*span)});
  object.push_back(
      {"closed_at", span == nullptr ? Value() : moment_value(input.moments, span->not_after)});
  append(object, endpoint_members(row.shown.endpoint));
  object.push_back({"scope", row.scope});
  object.push_back({"v6only", row.shown.v6only});
  object.push_back({"owner", owner_or_null(row.owner)});
  object.push_back({"no_holder_reason", text_or_null(schema::no_holder_word(row.shown.no_holder))});
  const auto& before = registered.change.before;
  object.push_back({"owner_before", before ? owner_or_null(schema::principal(*before)) : Value()});
  object.push_back({"why", registered.change.why});
  add_approval(object, "then", row.then);
  add_approval(object, "now", row.now);
  add_justification(object, row.then.status < AccountStatus::Expired ? row.then : row.now);
  object.push_back({"insecure", text_or_null(row.insecure)});
  object.push_back({"confidence", row.complete ? "complete" : "partial"});
  object.push_back({"service", fmt::format("S{:04}", registered.entry + 1)});
  object.push_back(
      {"evidence",
       fmt::format("#{} and #{}", registered.before.value(), registered.after.value())});
  return object;
}

Value span_value(const ComplianceInput& input, const Span& span) {
  Value::List not_looked;
  for (const NotLooked& part : span.not_looked) {
    not_looked.push_back(Value::Object{{"first_seq", part.snapshots.first.value()},
                                       {"last_seq", part.snapshots.last.value()},
                                       {"netns", text_or_null(part.netns)},
                                       {"gap", part.gap ? gap_value(*part.gap, {}) : Value()}});
  }
  return Value::Object{{"not_before", moment_value(input.moments, span.not_before)},
                       {"first_seen", time_value(input.wall(span.seen.first))},
                       {"last_seen", time_value(input.wall(span.seen.last))},
                       {"not_after", moment_value(input.moments, span.not_after)},
                       {"first_seq", span.seen.first.value()},
                       {"last_seq", span.seen.last.value()},
                       {"not_looked", std::move(not_looked)}};
}

Value entry_value(const ComplianceInput& input, std::size_t at) {
  const RegisterEntry& entry = input.services.entries[at];
  Value::List addresses;
  for (const RegisterPlace& place : entry.places) {
    addresses.push_back(endpoint_members(place.endpoint));
  }
  Value::List spans;
  for (const Span& span : entry.spans) {
    spans.push_back(span_value(input, span));
  }
  Value::List rpc;
  for (const std::uint32_t program : entry.key.rpc) {
    rpc.push_back(program);
  }
  Value::Object object{{"id", fmt::format("S{:04}", at + 1)},
                       {"protocol", schema::protocol_name(entry.key.protocol)},
                       {"port", entry.key.port.value()},
                       {"rpc_programs", std::move(rpc)},
                       {"netns", entry.key.netns},
                       {"addresses", std::move(addresses)},
                       {"scope", scope_of(entry)},
                       {"owner", owner_or_null(schema::principal(entry.service))},
                       {"owner_unseen", entry.owner_unseen},
                       {"at_begin", entry.at_begin},
                       {"at_end", entry.at_end},
                       {"snapshots", entry.snapshots},
                       {"restarts", entry.restarts},
                       {"insecure", text_or_null(insecure_word(entry.service.endpoint))}};
  add_approval(object, "now", input.entry_approvals[at]);
  add_justification(object, input.entry_approvals[at]);
  object.push_back({"spans", std::move(spans)});
  return object;
}

Value::List unobserved_list(const ComplianceInput& input) {
  Value::List list;
  for (const Unobserved& stretch : input.coverage.unobserved) {
    list.push_back(Value::Object{
        {"from", time_value(stretch.from)},
        {"to", time_value(stretch.to)},
        {"seconds", stretch.length_us ? Value(*stretch.length_us / 1'000'000) : Value()},
        {"cause", cause_word(stretch)},
        {"missing_runs", stretch.missing_runs},
        {"changes", "not observed"}});
  }
  return list;
}

Value::List partial_list(const ComplianceInput& input) {
  Value::List list;
  for (const NotLooked& part : input.partial) {
    list.push_back(Value::Object{{"from", time_value(input.wall(part.snapshots.first))},
                                 {"to", time_value(input.wall(part.snapshots.last))},
                                 {"first_seq", part.snapshots.first.value()},
                                 {"last_seq", part.snapshots.last.value()},
                                 {"netns", text_or_null(part.netns)},
                                 {"gap", part.gap ? gap_value(*part.gap, {}) : Value()}});
  }
  return list;
}

Value::List findings_list(const ComplianceInput& input) {
  Value::List list;
  for (const Finding& finding : input.findings.rows) {
    Value::Object object = finding_members(finding, input.names);
    const auto& seen = finding.interval;
    object.push_back({"first_seen", seen ? time_value(seen->first) : Value()});
    object.push_back({"last_seen", seen ? time_value(seen->last) : Value()});
    list.push_back(std::move(object));
  }
  return list;
}

Value::List events_list(const ComplianceInput& input) {
  Value::List list;
  for (ReportEvent& event : list_events(input, schema::format_utc)) {
    Value::Object object{{"kind", event.kind}};
    object.push_back({"before_seq", event.before ? Value(event.before->value()) : Value()});
    object.push_back({"time", event.before ? time_value(input.wall(*event.before)) : Value()});
    append(object, std::move(event.members));
    list.push_back(std::move(object));
  }
  return list;
}

Value::List controls_list() {
  Value::List list;
  for (const Control& control : served_controls()) {
    list.push_back(Value::Object{{"framework", control.framework},
                                 {"control", control.id},
                                 {"subject", control.subject},
                                 {"role", control.role},
                                 {"served_by", control.served_by}});
  }
  return list;
}

Value::List statements_list(const ComplianceInput& input) {
  Value::List list;
  for (const Statement& statement : build_statements(input)) {
    list.push_back(
        Value::Object{{"id", statement.id}, {"title", statement.title}, {"text", statement.text}});
  }
  return list;
}

Value::List definitions_list() {
  Value::List list;
  for (const auto& [term, meaning] : definitions()) {
    list.push_back(Value::Object{{"term", term}, {"meaning", meaning}});
  }
  return list;
}

Value summary_value(const ComplianceInput& input) {
  const ReportFigures figures = figures_of(input);
  const auto number = [](std::size_t count) { return Value(std::uint64_t{count}); };
  const auto share = input.coverage.per_mille();
  return Value::Object{{"listening_at_begin", number(figures.listening_at_begin)},
                       {"listening_at_end", number(figures.listening_at_end)},
                       {"services_begun", number(figures.begun)},
                       {"services_ended", number(figures.ended)},
                       {"opened", number(figures.opened)},
                       {"closed", number(figures.closed)},
                       {"changed", number(figures.changed)},
                       {"unapproved", number(figures.unapproved)},
                       {"unapproved_changes", number(figures.unapproved_changes)},
                       {"findings", number(figures.findings)},
                       {"findings_listed", number(input.findings.rows.size())},
                       {"coverage_per_mille", share ? Value(*share) : Value()},
                       {"integrity", "not authenticated"}};
}

Value::List not_compared_list(const ComplianceInput& input) {
  Value::List list;
  for (const RegisterBlind& blind : input.services.blind) {
    Value::List places;
    for (const schema::Endpoint& endpoint : blind.endpoints) {
      places.push_back(endpoint_members(endpoint));
    }
    list.push_back(Value::Object{{"before_seq", blind.before.value()},
                                 {"after_seq", blind.after.value()},
                                 {"owners_only", blind.owners_only},
                                 {"netns", text_or_null(blind.netns)},
                                 {"gap", blind.gap ? gap_value(*blind.gap, {}) : Value()},
                                 {"services", std::move(places)}});
  }
  return list;
}

}  // namespace

Document build_compliance(const ComplianceInput& input) {
  Document document;
  document.format = "sockwitness.report/1";
  document.head = {{"summary", summary_value(input)}, {"statements", statements_list(input)}};
  document.rows_key = "changes";
  document.row_format = "sockwitness.report_change/1";
  document.columns = words(
      "id kind severity changed_after changed_by first_seen first_seen_seq last_seen_absent "
      "last_seen closed_at protocol local_address local_port scope netns v6only owner.name "
      "owner.pid owner.started_at owner.program owner.script owner.sha256 owner.package "
      "owner.user owner.unit owner.container no_holder_reason owner_before.program "
      "owner_before.script owner_before.user why approved_then approved_now justification "
      "approver ticket expires insecure confidence service evidence");
  for (std::size_t at = 0; at < input.services.changes.size(); ++at) {
    document.rows.push_back(change_value(input, at));
  }
  Value::List services;
  for (std::size_t at = 0; at < input.services.entries.size(); ++at) {
    services.push_back(entry_value(input, at));
  }
  document.tail = {{"services", std::move(services)},
                   {"not_compared", not_compared_list(input)},
                   {"unobserved", unobserved_list(input)},
                   {"partial", partial_list(input)},
                   {"findings", findings_list(input)},
                   {"events", events_list(input)},
                   {"controls", controls_list()},
                   {"definitions", definitions_list()}};
  return document;
}

// One table for a spreadsheet: rows that are statements, rows that are not observed, rows that are
// changes; the first column says which.
std::string write_compliance_csv(const ComplianceInput& input) {
  Document document = build_compliance(input);
  document.columns.insert(document.columns.begin(), {"record", "name", "value"});
  Value::List rows;
  for (const Statement& statement : build_statements(input)) {
    rows.push_back(
        Value::Object{{"record", "statement"}, {"name", statement.id}, {"value", statement.text}});
  }
  const Value summary = summary_value(input);
  for (const Member& member : *std::get<Value::SharedObject>(summary.content())) {
    rows.push_back(
        Value::Object{{"record", "summary"}, {"name", member.key}, {"value", member.value}});
  }
  for (const Unobserved& stretch : input.coverage.unobserved) {
    rows.push_back(Value::Object{{"record", "not observed"},
                                 {"name", cause_word(stretch)},
                                 {"changed_after", time_value(stretch.from)},
                                 {"changed_by", time_value(stretch.to)}});
  }
  for (const Value& change : document.rows) {
    Value::Object row = *std::get<Value::SharedObject>(change.content());
    row.insert(row.begin(), Member{"record", "change"});
    rows.push_back(std::move(row));
  }
  document.rows = std::move(rows);
  return write_csv(document);
}

}  // namespace sockwitness::query
