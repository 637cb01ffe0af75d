#include "query/report/compliance/report_tables.h"

#include <iterator>

#include <fmt/format.h>

#include "query/report/compliance/controls.h"
#include "query/report/compliance/integrity.h"
#include "query/report/compliance/report_events.h"
#include "query/report/compliance/statements.h"
#include "query/report/records/finding_value.h"
#include "query/report/records/records.h"
#include "query/report/words/finding_words.h"

namespace sockwitness::query {
namespace {

using Place = ReportColumn::Place;

ReportTable summary_table(const ComplianceInput& input) {
  const ReportFigures figures = figures_of(input);
  ReportTable table{"summary", {{"figure"}, {"value"}}, {}, {}};
  const auto add =
      [&](std::string_view key, Value value, std::string_view name, std::string_view text) {
        table.rows.push_back(
            {{{key, std::move(value)}}, {ReportText::word(name), ReportText::word(text)}});
      };
  const auto add_number = [&](std::string_view key, std::size_t count, std::string_view name) {
    add(key, std::uint64_t{count}, name, std::to_string(count));
  };
  add_number("listening_at_begin", figures.listening_at_begin, "services at the begin");
  add_number("listening_at_end", figures.listening_at_end, "services at the end");
  add_number("services_begun", figures.begun, "services begun");
  add_number("services_ended", figures.ended, "services ended");
  add_number("opened", figures.opened, "addresses opened");
  add_number("closed", figures.closed, "addresses closed");
  add_number("changed", figures.changed, "changed otherwise");
  add_number("unapproved", figures.unapproved, "not approved at the end");
  add_number("unapproved_changes", figures.unapproved_changes, "changes not approved at the time");
  add_number("findings", figures.findings, "findings of medium severity or higher, not accepted");
  add_number("findings_listed", input.findings.rows.size(), "findings in all");
  add("coverage_per_mille",
      input.coverage.per_mille(),
      "coverage in time",
      coverage_text(input.coverage));
  const Integrity integrity = integrity_of(input.verdict);
  add("integrity", integrity.word, "integrity", integrity.stamp);
  return table;
}

ReportTable statements_table(const ComplianceInput& input) {
  ReportTable table{"statements", {{"statement"}, {"text"}}, {}, {}};
  for (const Statement& statement : build_statements(input)) {
    table.rows.push_back(
        {{{"id", statement.id}, {"title", statement.title}, {"text", statement.text}},
         {ReportText::word(statement.title), ReportText::safe(SafeText::host(statement.text))}});
  }
  return table;
}

ReportTable not_compared_table(const ComplianceInput& input) {
  ReportTable table{"not_compared", {}, {}, {}};
  for (const UncomparedStates& blind : input.services.blind) {
    Value::List places;
    for (const schema::Endpoint& endpoint : blind.endpoints) {
      places.push_back(endpoint_members(endpoint));
    }
    table.rows.push_back({{{"before_seq", blind.before.value()},
                           {"after_seq", blind.after.value()},
                           {"owners_only", blind.owners_only},
                           {"netns", text_or_null(blind.netns)},
                           {"gap", blind.gap ? gap_value(*blind.gap, {}) : Value()},
                           {"services", std::move(places)}},
                          {}});
  }
  return table;
}

ReportTable unobserved_table(const ComplianceInput& input, const ClockFace& clock) {
  ReportTable table{
      "unobserved",
      {{"from"}, {"to"}, {"length"}, {"cause"}, {"runs missing", Place::Below}, {"changes"}},
      {},
      "Nothing of the period was left out in time."};
  for (const Unobserved& interval : input.coverage.unobserved) {
    table.rows.push_back(
        {{{"from", time_value(interval.from)},
          {"to", time_value(interval.to)},
          {"seconds", interval.length_us ? Value(*interval.length_us / 1'000'000) : Value()},
          {"cause", cause_word(interval)},
          {"missing_runs", interval.missing_runs},
          {"changes", "not observed"}},
         {ReportText::word(clock(interval.from)),
          ReportText::word(clock(interval.to)),
          ReportText::word(length_text(interval)),
          ReportText::word(cause_text(interval)),
          ReportText::word(std::to_string(interval.missing_runs)),
          ReportText::word("not observed")}});
  }
  return table;
}

ReportTable partial_table(const ComplianceInput& input, const ClockFace& clock) {
  ReportTable table{"partial",
                    {{"from"},
                     {"snapshot", Place::Below},
                     {"to"},
                     {"snapshot", Place::Below},
                     {"what could not be seen"},
                     {"namespace", Place::Below}},
                    {},
                    "No snapshot of the period lacked anything that could hide a service."};
  for (const CoverageGap& part : input.partial) {
    const auto [first, last] = part.snapshots;
    table.rows.push_back(
        {{{"from", time_value(input.wall(first))},
          {"to", time_value(input.wall(last))},
          {"first_seq", first.value()},
          {"last_seq", last.value()},
          {"netns", text_or_null(part.netns)},
          {"gap", part.gap ? gap_value(*part.gap, {}) : Value()}},
         {ReportText::word(clock(input.wall(first))),
          ReportText::snapshot(first),
          ReportText::word(clock(input.wall(last))),
          ReportText::snapshot(last),
          part.gap ? ReportText::safe(gap_text(*part.gap, {})) : ReportText::word("owners"),
          ReportText::safe(SafeText::host(part.netns))}});
  }
  return table;
}

ReportTable findings_table(const ComplianceInput& input, const ClockFace& clock) {
  ReportTable table{
      "findings",
      {{"severity"},
       {"finding"},
       {"who, where, why", Place::Within},
       {"first seen"},
       {"last seen", Place::Below},
       {"accepted"}},
      {},
      fmt::format("None, in the {} snapshots that the rules were run on.", input.findings.judged)};
  for (const Finding& finding : input.findings.rows) {
    const auto& seen = finding.interval;
    Value::Object members = finding_members(finding, input.names);
    members.push_back({"first_seen", seen ? time_value(seen->first) : Value()});
    members.push_back({"last_seen", seen ? time_value(seen->last) : Value()});
    table.rows.push_back(
        {std::move(members),
         {ReportText::word(severity_word(finding.severity())),
          ReportText::safe(title_text(finding)),
          ReportText::safe(finding_lines(finding, schema::format_utc)),
          seen ? ReportText::word(clock(seen->first)) : ReportText(),
          seen ? ReportText::word(clock(seen->last)) : ReportText(),
          finding.lead().acceptance == nullptr ? ReportText::absent("no")
                                               : ReportText::safe(acceptance_line(finding))}});
  }
  return table;
}

ReportTable events_table(const ComplianceInput& input, const ClockFace& clock) {
  ReportTable table{"events", {{"before snapshot"}, {"time"}, {"event"}}, {}, "None."};
  for (ReportEvent& event : list_events(input, clock)) {
    const auto& before = event.before;
    Value::Object members{{"kind", event.kind},
                          {"before_seq", before ? Value(before->value()) : Value()},
                          {"time", before ? time_value(input.wall(*before)) : Value()}};
    std::move(event.members.begin(), event.members.end(), std::back_inserter(members));
    table.rows.push_back({std::move(members),
                          {before ? ReportText::snapshot(*before) : ReportText(),
                           before ? ReportText::word(clock(input.wall(*before)))
                                  : ReportText::absent("after the last"),
                           ReportText::safe(event.text)}});
  }
  return table;
}

ReportTable controls_table() {
  ReportTable table{
      "controls", {{"framework"}, {"control"}, {"subject"}, {"role"}, {"served by"}}, {}, {}};
  for (const Control& control : served_controls()) {
    table.rows.push_back({{{"framework", control.framework},
                           {"control", control.id},
                           {"subject", control.subject},
                           {"role", control.role},
                           {"served_by", control.served_by}},
                          {ReportText::word(control.framework),
                           ReportText::word(control.id),
                           ReportText::word(control.subject),
                           ReportText::word(control.role),
                           ReportText::word(control.served_by)}});
  }
  return table;
}

ReportTable definitions_table() {
  ReportTable table{"definitions", {{"term"}, {"meaning"}}, {}, {}};
  for (const auto& [term, meaning] : definitions()) {
    table.rows.push_back({{{"term", term}, {"meaning", meaning}},
                          {ReportText::word(term), ReportText::word(meaning)}});
  }
  return table;
}

}  // namespace

ReportTables build_tables(const ComplianceInput& input, const ClockFace& clock) {
  return {.summary = summary_table(input),
          .statements = statements_table(input),
          .not_compared = not_compared_table(input),
          .unobserved = unobserved_table(input, clock),
          .partial = partial_table(input, clock),
          .findings = findings_table(input, clock),
          .events = events_table(input, clock),
          .controls = controls_table(),
          .definitions = definitions_table()};
}

}  // namespace sockwitness::query
