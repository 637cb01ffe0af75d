#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/report/compliance/change_row.h"
#include "query/report/compliance/report_tables.h"
#include "query/report/records/bracket_words.h"
#include "query/report/records/records.h"
#include "query/report/words/socket_words.h"

namespace sockwitness::query {
namespace {

// "program" of a service whose owner is not a process.
Value owner_or_null(const schema::Owner* owner) {
  return owner == nullptr ? Value() : owner_value(*owner);
}

void add_approval(Value::Object& object, std::string_view when, const Approval& approval) {
  const bool then = when == "then";
  object.push_back({then ? "approved_then" : "approved_now", approval_word(approval)});
}

void add_justification(Value::Object& object, const Approval& approval) {
  object.push_back({"justification", text_or_null(approval.reason)});
  object.push_back({"approver", text_or_null(approval.approved_by)});
  object.push_back({"ticket", text_or_null(approval.ticket)});
  object.push_back({"approved_since", approval.since ? time_value(*approval.since) : Value()});
  object.push_back({"expires", approval.expires ? time_value(*approval.expires) : Value()});
  object.push_back({"obstacle", text_or_null(approval.obstacle)});
}

void append(Value::Object& object, Value::Object more) {
  for (Member& member : more) {
    object.push_back(std::move(member));
  }
}

Value::Object change_members(const ComplianceInput& input, const ChangeRow& row) {
  const RegisterChange& registered = row.registered;
  Value::Object object{{"id", row.id},
                       {"kind", change_kind_word(registered.change.kind)},
                       {"severity", severity_word(registered.change.severity)},
                       {"changed_after", time_value(row.not_before)},
                       {"changed_by", time_value(row.seen)},
                       {"changed_after_seq", registered.before.value()},
                       {"changed_by_seq", registered.after.value()}};
  const Interval* span = row.span;
  const auto last_seen = [&](const Interval& ended) {
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
  add_justification(object, telling_approval(row.then, row.now));
  object.push_back({"insecure", text_or_null(row.insecure)});
  object.push_back({"confidence", row.complete ? "complete" : "partial"});
  object.push_back({"service", fmt::format("S{:04}", registered.entry + 1)});
  object.push_back(
      {"evidence",
       fmt::format("#{} and #{}", registered.before.value(), registered.after.value())});
  return object;
}

Value span_value(const ComplianceInput& input, const Interval& span) {
  Value::List coverage_gaps;
  for (const CoverageGap& part : span.coverage_gaps) {
    coverage_gaps.push_back(Value::Object{{"first_seq", part.snapshots.first.value()},
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
                       {"not_looked", std::move(coverage_gaps)}};
}

Value::Object entry_members(const ComplianceInput& input, std::size_t at) {
  const RegisterEntry& entry = input.services.entries[at];
  Value::List addresses;
  for (const RegisterPlace& place : entry.places) {
    addresses.push_back(endpoint_members(place.endpoint));
  }
  Value::List spans;
  for (const Interval& span : entry.spans) {
    spans.push_back(span_value(input, span));
  }
  Value::Object object{{"id", fmt::format("S{:04}", at + 1)},
                       {"protocol", schema::protocol_name(entry.key.protocol)},
                       {"port", entry.key.port.value()},
                       {"rpc_programs", number_values(entry.key.rpc)},
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

ReportText owner_text(const schema::Service& service) {
  const schema::Owner* owner = schema::principal(service);
  return ReportText::safe(owner == nullptr
                              ? nobody_text(service)
                              : process_text(*owner) + ", " + SafeText::host(owner->user));
}

}  // namespace

ReportTable register_changes(const ComplianceInput& input, const ClockFace& clock) {
  const auto time = [&](schema::WallTime at) { return ReportText::word(clock(at)); };
  const auto moment = [&](const std::optional<schema::Seq>& seq) {
    return seq ? time(input.wall(*seq)) : ReportText();
  };
  ReportTable table{"changes",
                    {{"id"},
                     {"changed after"},
                     {"changed by"},
                     {"first seen"},
                     {"last seen absent"},
                     {"closed at"},
                     {"kind"},
                     {"severity"},
                     {"place"},
                     {"scope"},
                     {"owner"},
                     {"approved then"},
                     {"approved now"},
                     {"insecure"},
                     {"confidence"},
                     {"evidence"}},
                    {},
                    {},
                    no_change_text(input)};
  for (std::size_t at = 0; at < input.services.changes.size(); ++at) {
    const ChangeRow row = change_row(input, at);
    const Interval* span = row.span;
    const RegisterChange& registered = row.registered;
    table.rows.push_back(
        {change_members(input, row),
         {ReportText::word(row.id),
          time(row.not_before),
          time(row.seen),
          span == nullptr ? ReportText() : time(input.wall(span->seen.first)),
          span == nullptr ? ReportText() : moment(span->not_before),
          span == nullptr ? ReportText() : moment(span->not_after),
          ReportText::safe(SafeText::own(change_kind_word(registered.change.kind))),
          ReportText::word(severity_word(registered.change.severity)),
          ReportText::safe(place_text(row.shown.endpoint, row.shown.v6only)),
          ReportText::safe(SafeText::host(row.scope)),
          owner_text(row.shown),
          ReportText::word(approval_text(row.then)),
          ReportText::word(approval_text(row.now)),
          ReportText::word(row.insecure),
          ReportText::word(row.complete ? "complete" : "partial"),
          ReportText::safe(SafeText::own(
              fmt::format("#{}, #{}", registered.before.value(), registered.after.value())))}});
  }
  return table;
}

ReportTable register_services(const ComplianceInput& input, const ClockFace& clock) {
  ReportTable table{"services",
                    {{"id"},
                     {"place"},
                     {"owner"},
                     {"first seen"},
                     {"last seen"},
                     {"spans"},
                     {"approved"},
                     {"reason"}},
                    {},
                    {},
                    {}};
  for (std::size_t at = 0; at < input.services.entries.size(); ++at) {
    const RegisterEntry& entry = input.services.entries[at];
    const Approval& approval = input.entry_approvals[at];
    std::vector<SafeText> places;
    for (const RegisterPlace& place : entry.places) {
      places.push_back(place_text(place.endpoint, place.v6only));
    }
    table.rows.push_back({entry_members(input, at),
                          {ReportText::word(fmt::format("S{:04}", at + 1)),
                           ReportText::safe(join(places, ", ")),
                           owner_text(entry.service),
                           ReportText::word(clock(input.wall(entry.spans.front().seen.first))),
                           ReportText::word(clock(input.wall(entry.spans.back().seen.last))),
                           ReportText::word(std::to_string(entry.spans.size())),
                           ReportText::word(approval_text(approval)),
                           ReportText::safe(SafeText::host(
                               approval.reason.empty() ? approval.obstacle : approval.reason))}});
  }
  return table;
}

ReportTable policy_entries(const ComplianceInput& input, const ClockFace& clock) {
  ReportTable table{"policy",
                    {{"line"}, {"entry"}, {"approver"}, {"holds"}, {"covered"}},
                    {},
                    {},
                    "No policy was used."};
  const auto time = [&](const std::optional<schema::WallTime>& at) {
    return at ? time_value(*at) : Value();
  };
  for (const PolicyUse& use : input.policy_uses) {
    const PolicyEntry& entry = *use.entry;
    std::vector<std::string> covered;
    for (const std::size_t at : use.entries) {
      covered.push_back(fmt::format("S{:04}", at + 1));
    }
    const auto expires = entry.expires ? std::optional(end_of_day(*entry.expires)) : std::nullopt;
    std::vector<std::string> holds;
    if (entry.holds_from) {
      holds.push_back("since " + clock(*entry.holds_from));
    }
    if (entry.holds_until) {
      holds.push_back("replaced " + clock(*entry.holds_until));
    }
    if (expires) {
      holds.push_back("expires " + clock(*expires));
    }
    const SafeText reason =
        SafeText::host(entry.is_draft() ? "a draft: no reason is given" : entry.reason);
    table.rows.push_back(
        {{{"line", entry.line},
          {"name", text_or_null(entry.name)},
          {"reason", text_or_null(entry.reason)},
          {"responsible", text_or_null(entry.owner)},
          {"approver", text_or_null(entry.approved_by)},
          {"ticket", text_or_null(entry.ticket)},
          {"approved_since", time(entry.holds_from)},
          {"approved_since_source",
           entry.holds_from ? Value(entry.dated_by_file ? "file" : "entry") : Value()},
          {"replaced", time(entry.holds_until)},
          {"expires", time(expires)},
          {"covered", Value::List(covered.begin(), covered.end())}},
         {ReportText::word(std::to_string(entry.line)),
          ReportText::safe(entry.name.empty() ? reason
                                              : SafeText::host(entry.name) + ": " + reason),
          ReportText::safe(SafeText::host(entry.approved_by)),
          ReportText::word(holds.empty() ? "always" : fmt::format("{}", fmt::join(holds, ", "))),
          ReportText::word(covered.empty() ? "nothing of the period"
                                           : fmt::format("{}", fmt::join(covered, " ")))}});
  }
  return table;
}

}  // namespace sockwitness::query
