#include <fmt/format.h>

#include "query/report/compliance/change_row.h"
#include "query/report/compliance/compliance.h"
#include "query/report/compliance/controls.h"
#include "query/report/compliance/report_events.h"
#include "query/report/compliance/statements.h"
#include "query/report/words/finding_words.h"
#include "query/report/words/socket_words.h"

namespace sockwitness::query {
namespace {

// Text of the host in a cell: as a terminal shows it, what Markdown or HTML would read escaped.
std::string cell(const SafeText& safe) {
  std::string text;
  for (const char character : safe.text()) {
    if (std::string_view("\\`*_{}[]<>()#+!|~&$").find(character) != std::string_view::npos) {
      text += '\\';
    }
    text += character;
  }
  return text;
}

std::string host_cell(std::string_view bytes) {
  return cell(SafeText::host(bytes));
}

class MarkdownTable {
 public:
  MarkdownTable(std::string& out, const std::vector<std::string_view>& titles) : out_(out) {
    std::string rule = "|";
    out_ += "\n|";
    for (const std::string_view title : titles) {
      out_ += fmt::format(" {} |", title);
      rule += " --- |";
    }
    out_ += "\n" + rule + "\n";
  }
  void row(const std::vector<std::string>& cells) {
    out_ += "|";
    for (const std::string& text : cells) {
      out_ += " " + text + " |";
    }
    out_ += "\n";
  }

 private:
  std::string& out_;
};

std::string time_text(schema::WallTime time) {
  return schema::format_utc(time);
}

std::string owner_cell(const schema::Service& service) {
  const schema::Owner* owner = schema::principal(service);
  return owner == nullptr ? cell(no_holder_text(service.no_holder))
                          : cell(process_text(*owner)) + ", " + host_cell(owner->user);
}

std::string moment_cell(const ComplianceInput& input, const std::optional<schema::Seq>& seq) {
  return seq ? time_text(input.wall(*seq)) : std::string();
}

void add_summary(std::string& out, const ComplianceInput& input) {
  const ReportFigures figures = figures_of(input);
  MarkdownTable table(out, {"figure", "value"});
  const auto row = [&](const char* name, std::size_t value) {
    table.row({name, std::to_string(value)});
  };
  row("services at the begin", figures.listening_at_begin);
  row("services at the end", figures.listening_at_end);
  row("services begun", figures.begun);
  row("services ended", figures.ended);
  row("addresses opened", figures.opened);
  row("addresses closed", figures.closed);
  row("changed otherwise", figures.changed);
  row("not approved at the end", figures.unapproved);
  row("changes not approved at the time", figures.unapproved_changes);
  row("findings of medium severity or higher, not accepted", figures.findings);
  row("findings in all", input.findings.rows.size());
  table.row({"coverage in time", coverage_text(input.coverage)});
  table.row({"integrity", "not authenticated: records are not signed in this version"});
}

void add_changes(std::string& out, const ComplianceInput& input) {
  if (input.services.changes.empty()) {
    out += "\n" + no_change_text(input) + "\n";
    return;
  }
  MarkdownTable table(out,
                      {"id",
                       "changed after",
                       "changed by",
                       "first seen",
                       "last seen absent",
                       "closed at",
                       "kind",
                       "severity",
                       "place",
                       "scope",
                       "owner",
                       "approved then",
                       "approved now",
                       "insecure",
                       "confidence",
                       "evidence"});
  for (std::size_t at = 0; at < input.services.changes.size(); ++at) {
    const ChangeRow row = change_row(input, at);
    table.row(
        {row.id,
         time_text(row.not_before),
         time_text(row.seen),
         row.span == nullptr ? "" : time_text(input.wall(row.span->seen.first)),
         row.span == nullptr ? "" : moment_cell(input, row.span->not_before),
         row.span == nullptr ? "" : moment_cell(input, row.span->not_after),
         cell(SafeText::own(change_kind_word(row.registered.change.kind))),
         std::string(severity_word(row.registered.change.severity)),
         cell(place_text(row.shown.endpoint, row.shown.v6only)),
         host_cell(row.scope),
         owner_cell(row.shown),
         std::string(account_status_word(row.then.status)),
         std::string(account_status_word(row.now.status)),
         std::string(row.insecure),
         row.complete ? "complete" : "partial",
         fmt::format("\\#{}, \\#{}", row.registered.before.value(), row.registered.after.value())});
  }
}

void add_services(std::string& out, const ComplianceInput& input) {
  MarkdownTable table(
      out, {"id", "place", "owner", "first seen", "last seen", "spans", "approved", "reason"});
  for (std::size_t at = 0; at < input.services.entries.size(); ++at) {
    const RegisterEntry& entry = input.services.entries[at];
    const Approval& approval = input.entry_approvals[at];
    std::string places;
    for (const RegisterPlace& place : entry.places) {
      places += (places.empty() ? "" : ", ") + cell(place_text(place.endpoint, place.v6only));
    }
    table.row({fmt::format("S{:04}", at + 1),
               places,
               owner_cell(entry.service),
               time_text(input.wall(entry.spans.front().seen.first)),
               time_text(input.wall(entry.spans.back().seen.last)),
               std::to_string(entry.spans.size()),
               std::string(account_status_word(approval.status)),
               host_cell(approval.reason.empty() ? approval.obstacle : approval.reason)});
  }
}

void add_gaps(std::string& out, const ComplianceInput& input) {
  if (input.coverage.unobserved.empty()) {
    out += "\nNone.\n";
    return;
  }
  MarkdownTable table(out, {"from", "to", "length", "cause", "runs missing", "changes"});
  for (const Unobserved& stretch : input.coverage.unobserved) {
    table.row({time_text(stretch.from),
               time_text(stretch.to),
               length_text(stretch),
               cause_text(stretch),
               std::to_string(stretch.missing_runs),
               "not observed"});
  }
}

void add_findings(std::string& out, const ComplianceInput& input) {
  if (input.findings.rows.empty()) {
    out += "\nNone.\n";
    return;
  }
  MarkdownTable table(out, {"severity", "finding", "first seen", "last seen", "accepted"});
  for (const Finding& finding : input.findings.rows) {
    const auto& seen = finding.interval;
    std::string text = cell(title_text(finding));
    for (const SafeText& line : finding_lines(finding, schema::format_utc)) {
      text += "; " + cell(line);
    }
    table.row({std::string(severity_word(finding.severity())),
               text,
               seen ? time_text(seen->first) : "",
               seen ? time_text(seen->last) : "",
               cell(acceptance_line(finding))});
  }
}

void add_events(std::string& out, const ComplianceInput& input) {
  const std::vector<ReportEvent> events = list_events(input, time_text);
  if (events.empty()) {
    out += "\nNone.\n";
    return;
  }
  MarkdownTable table(out, {"before snapshot", "time", "event"});
  for (const ReportEvent& event : events) {
    table.row({event.before ? std::to_string(event.before->value()) : "",
               moment_cell(input, event.before),
               cell(event.text)});
  }
}

}  // namespace

std::string write_compliance_markdown(const ComplianceInput& input) {
  std::string out = "# Port changes on " + host_cell(input.context().host_name) + "\n";
  add_summary(out, input);
  out += "\n## What this report rests on\n";
  MarkdownTable statements(out, {"statement", "text"});
  for (const Statement& statement : build_statements(input)) {
    statements.row({std::string(statement.title), host_cell(statement.text)});
  }
  out += "\n## Changes\n";
  add_changes(out, input);
  out += "\n## Register of services\n";
  add_services(out, input);
  out += "\n## Not observed\n";
  add_gaps(out, input);
  out += "\n## Findings\n";
  add_findings(out, input);
  out += "\n## Events\n";
  add_events(out, input);
  out += "\n## Controls\n";
  MarkdownTable controls(out, {"framework", "control", "subject", "role", "served by"});
  for (const Control& control : served_controls()) {
    controls.row({std::string(control.framework),
                  std::string(control.id),
                  std::string(control.subject),
                  std::string(control.role),
                  std::string(control.served_by)});
  }
  out += "\n## Definitions\n";
  MarkdownTable words(out, {"term", "meaning"});
  for (const auto& [term, meaning] : definitions()) {
    words.row({std::string(term), std::string(meaning)});
  }
  return out;
}

}  // namespace sockwitness::query
