#include "query/report/html/tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/report/change_row.h"
#include "query/report/controls.h"
#include "query/report/html/approvals.h"
#include "query/report/html/gantt.h"
#include "query/report/html/markup.h"
#include "query/report/html/programs.h"
#include "query/report/report_events.h"
#include "query/report/socket_words.h"
#include "query/report/statements.h"

namespace sockwitness::query::html {
namespace {

// A table whose columns can be sorted and rows filtered where the page's script runs.
class Table {
 public:
  // Each title is the first line of its column and the names of what stands below it.
  Table(std::string_view id,
        std::initializer_list<std::pair<std::string_view, std::string_view>> titles)
      : text_(fmt::format("<div class=wide><table class=data id={}><thead><tr>", id)) {
    for (const auto& [title, more] : titles) {
      text_ += fmt::format("<th scope=col>{}", own(title));
      text_ += more.empty() ? std::string() : fmt::format("<s>{}</s>", own(more));
    }
    text_ += "<tbody>\n";
  }
  void begin_row() { text_ += "<tr>"; }
  // Markup.
  void cell(const std::string& first, const std::string& more = {}) {
    text_ += "<td>" + first;
    if (!more.empty()) {
      text_ += "<s>" + more + "</s>";
    }
  }
  void end_row() { text_ += '\n'; }
  [[nodiscard]] std::string finish() { return text_ + "</tbody></table></div>\n"; }

 private:
  std::string text_;
};

std::string joined(std::initializer_list<std::string> parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) {
      text += (text.empty() ? "" : std::string(separator)) + part;
    }
  }
  return text;
}

std::string labelled(std::string_view label, const std::string& text) {
  return text.empty() ? text : std::string(label) + " " + text;
}

std::string with_seq(const ComplianceInput& input, schema::Seq seq) {
  return fmt::format("{} #{}", time_text(input.wall(seq)), seq.value());
}

std::string status_cell(AccountStatus status) {
  return fmt::format("<em class={0}>{0}</em>", status_mark(status));
}

std::string owner_cell(const schema::Service& service) {
  const schema::Owner* owner = schema::principal(service);
  return owner == nullptr ? safe(no_holder_text(service.no_holder)) : safe(process_text(*owner));
}

std::string owner_details(const schema::Service& service, const Programs& programs) {
  const schema::Owner* owner = schema::principal(service);
  if (owner == nullptr) {
    return {};
  }
  return joined({programs.name_of(owner),
                 host(owner->user),
                 host(owner->unit),
                 labelled("container", host(owner->container)),
                 owner->started_at ? "started " + time_text(*owner->started_at) : std::string()},
                " · ");
}

std::string place_cell(const schema::Endpoint& endpoint, std::optional<bool> v6only) {
  return safe(place_text(endpoint, v6only));
}

std::string v6only_text(const schema::Service& service) {
  return !service.v6only ? std::string() : *service.v6only ? "v6only yes" : "v6only no";
}

std::string place_details(const std::string& scope, const schema::Service& service) {
  const std::string_view insecure = insecure_word(service.endpoint);
  return joined({host(scope),
                 service.endpoint.netns == "host" ? std::string() : host(service.endpoint.netns),
                 v6only_text(service),
                 insecure.empty() ? std::string() : "insecure: " + std::string(insecure)},
                " · ");
}

std::string kind_words(ChangeKind kind) {
  std::string words(change_kind_word(kind));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// The bracket of the change, and of the service where that is another one.
std::string change_times(const ComplianceInput& input, const ChangeRow& row) {
  std::string text = "not yet " + time_text(row.not_before);
  const Span* span = row.span;
  if (span == nullptr) {
    return text;
  }
  if (span->seen.first != row.registered.after) {
    text += "<br>first seen " + time_text(input.wall(span->seen.first));
    text += span->not_before ? "<br>absent " + time_text(input.wall(*span->not_before)) : "";
  }
  if (span->not_after && *span->not_after != row.registered.after) {
    text += "<br>closed " + time_text(input.wall(*span->not_after));
  }
  return text;
}

}  // namespace

std::string services_table(const ComplianceInput& input) {
  const Programs programs(input);
  const Approvals approvals(input);
  Table table("services",
              {{"Service", "number"},
               {"Place", "protocol, address, port, scope, namespace, v6only, insecure"},
               {"Owner", "program, user, unit or container, started"},
               {"First seen", "last seen absent"},
               {"Last seen", "closed"},
               {"Approved", "justification, approver, ticket, expiry"},
               {"Snapshots", "spans, restarts"}});
  for (std::size_t at = 0; at < input.services.entries.size(); ++at) {
    const RegisterEntry& entry = input.services.entries[at];
    const Span& first = entry.spans.front();
    const Span& last = entry.spans.back();
    std::string places;
    for (const RegisterPlace& place : entry.places) {
      places += (places.empty() ? "" : "<br>") + place_cell(place.endpoint, place.v6only);
    }
    table.begin_row();
    table.cell(fmt::format("S{:04}", at + 1));
    table.cell(places, place_details(scope_of(entry), entry.service));
    table.cell(owner_cell(entry.service), owner_details(entry.service, programs));
    table.cell(with_seq(input, first.seen.first),
               first.not_before ? with_seq(input, *first.not_before)
               : entry.at_begin ? "there at the begin"
                                : "nobody had looked before");
    table.cell(with_seq(input, last.seen.last),
               last.not_after ? with_seq(input, *last.not_after)
               : entry.at_end ? "there at the end"
                              : "nobody has looked since");
    table.cell(status_cell(input.entry_approvals[at].status),
               approvals.words_of(input.entry_approvals[at]));
    table.cell(std::to_string(entry.snapshots),
               fmt::format("{} span{}, {} restart{}",
                           entry.spans.size(),
                           entry.spans.size() == 1 ? "" : "s",
                           entry.restarts,
                           entry.restarts == 1 ? "" : "s"));
    table.end_row();
  }
  return table.finish();
}

std::string changes_table(const ComplianceInput& input) {
  if (input.services.changes.empty()) {
    return "<p>" + own(no_change_text(input)) + "</p>";
  }
  const Programs programs(input);
  const Approvals approvals(input);
  Table table("changes",
              {{"Change", "number"},
               {"Changed", "not yet; first seen, last seen absent, closed at"},
               {"Kind", "severity, reason"},
               {"Place", "protocol, local address, port, scope, namespace, v6only, insecure"},
               {"Owner", "program, user, unit or container, started; before"},
               {"Approved then", "now; justification, approver, ticket, expiry"},
               {"Evidence", "confidence, service"}});
  for (std::size_t at = 0; at < input.services.changes.size(); ++at) {
    const ChangeRow row = change_row(input, at);
    const Change& change = row.registered.change;
    const schema::Owner* before =
        change.before && change.after ? schema::principal(*change.before) : nullptr;
    const bool other = before != nullptr && (row.owner == nullptr ||
                                             schema::key_of(*before) != schema::key_of(*row.owner));
    table.begin_row();
    table.cell(row.id);
    table.cell(time_text(row.seen), change_times(input, row));
    table.cell(kind_words(change.kind),
               joined({std::string(severity_word(change.severity)),
                       // That its place was looked at is in the definitions.
                       change.kind == ChangeKind::VanishedService ? "" : host(change.why)},
                      "; "));
    table.cell(place_cell(row.shown.endpoint, row.shown.v6only),
               place_details(row.scope, row.shown));
    table.cell(owner_cell(row.shown),
               joined({owner_details(row.shown, programs),
                       other ? "before: " + safe(process_text(*before)) + " " +
                                   programs.name_of(before) + " " + host(before->user)
                             : std::string()},
                      "; "));
    table.cell(status_cell(row.then.status),
               joined({row.now.status == row.then.status
                           ? std::string()
                           : "now " + std::string(account_status_word(row.now.status)),
                       approvals.words_of(telling_approval(row.then, row.now))},
                      "; "));
    table.cell(
        fmt::format("#{} #{}", row.registered.before.value(), row.registered.after.value()),
        fmt::format("{}, S{:04}", row.complete ? "complete" : "partial", row.registered.entry + 1));
    table.end_row();
  }
  return table.finish();
}

std::string approvals_table(const ComplianceInput& input) {
  const Approvals approvals(input);
  if (approvals.all().empty()) {
    return "<p>None accounts for more than one row.</p>";
  }
  Table table("approvals", {{"Approval", ""}, {"Justification", "approver, ticket, expiry"}});
  std::size_t number = 0;
  for (const std::string_view words : approvals.all()) {
    table.begin_row();
    table.cell(fmt::format("A{}", ++number));
    table.cell(std::string(words));
    table.end_row();
  }
  return table.finish();
}

std::string programs_table(const ComplianceInput& input) {
  const Programs programs(input);
  if (programs.all().empty()) {
    return "<p>None.</p>";
  }
  Table table(
      "programs",
      {{"Program", ""}, {"Path", ""}, {"Package", "as the package has it"}, {"SHA-256", ""}});
  std::size_t number = 0;
  for (const schema::Program& program : programs.all()) {
    table.begin_row();
    table.cell(fmt::format("P{}", ++number));
    table.cell(host(program.path));
    table.cell(joined({host(program.package), host(program.package_version)}, " "),
               std::string(schema::verdict_word(program.verdict)));
    table.cell(program.sha256.empty() ? "not hashed"
                                      : "<code>" + schema::hex(program.sha256) + "</code>");
    table.end_row();
  }
  return table.finish();
}

std::string findings_table(const ComplianceInput& input) {
  if (input.findings.rows.empty()) {
    return fmt::format("<p>None, in the {} snapshots that the rules were run on.</p>",
                       input.findings.judged);
  }
  Table table("findings",
              {{"Severity", ""},
               {"Finding", "who, where, why"},
               {"First seen", "last seen"},
               {"Accepted", ""}});
  for (const CheckRow& row : input.findings.rows) {
    std::string lines;
    for (const SafeText& line : row.record.lines) {
      lines += (lines.empty() ? "" : "<br>") + safe(line);
    }
    const auto& seen = row.sightings;
    table.begin_row();
    table.cell(std::string(severity_word(row.record.severity)));
    table.cell(safe(row.record.title), lines);
    table.cell(seen ? time_text(seen->first) : "", seen ? time_text(seen->last) : "");
    table.cell(row.record.acceptance.empty() ? "no" : safe(row.record.acceptance));
    table.end_row();
  }
  return table.finish();
}

std::string gaps_table(const ComplianceInput& input) {
  std::string text;
  if (input.coverage.unobserved.empty()) {
    text += "<p>Nothing of the period was left out in time.</p>";
  } else {
    Table table(
        "unobserved",
        {{"From", ""}, {"To", ""}, {"Length", ""}, {"Cause", "runs missing"}, {"Changes", ""}});
    for (const Unobserved& stretch : input.coverage.unobserved) {
      table.begin_row();
      table.cell(time_text(stretch.from));
      table.cell(time_text(stretch.to));
      table.cell(own(length_text(stretch)));
      table.cell(own(cause_text(stretch)), std::to_string(stretch.missing_runs));
      table.cell("not observed");
      table.end_row();
    }
    text += table.finish();
  }
  if (input.partial.empty()) {
    return text + "<p>No snapshot of the period lacked anything that could hide a service.</p>";
  }
  Table table("partial",
              {{"From", "snapshot"}, {"To", "snapshot"}, {"What could not be seen", "namespace"}});
  for (const NotLooked& part : input.partial) {
    table.begin_row();
    table.cell(time_text(input.wall(part.snapshots.first)),
               fmt::format("#{}", part.snapshots.first.value()));
    table.cell(time_text(input.wall(part.snapshots.last)),
               fmt::format("#{}", part.snapshots.last.value()));
    table.cell(part.gap ? safe(gap_text(*part.gap, {})) : "owners", host(part.netns));
    table.end_row();
  }
  return text + table.finish();
}

std::string events_table(const ComplianceInput& input) {
  const std::vector<ReportEvent> events = list_events(input, time_text);
  if (events.empty()) {
    return "<p>None.</p>";
  }
  Table table("events", {{"Before snapshot", ""}, {"Time", ""}, {"Event", ""}});
  for (const ReportEvent& event : events) {
    table.begin_row();
    table.cell(event.before ? fmt::format("#{}", event.before->value()) : "");
    table.cell(event.before ? time_text(input.wall(*event.before)) : "after the last");
    table.cell(safe(event.text));
    table.end_row();
  }
  return table.finish();
}

std::string controls_table() {
  Table table(
      "controls",
      {{"Framework", ""}, {"Control", ""}, {"Subject", ""}, {"Role", ""}, {"Served by", ""}});
  for (const Control& control : served_controls()) {
    table.begin_row();
    table.cell(own(control.framework));
    table.cell(own(control.id));
    table.cell(own(control.subject));
    table.cell(own(control.role));
    table.cell(own(control.served_by));
    table.end_row();
  }
  return table.finish();
}

std::string statements_list(const ComplianceInput& input) {
  std::string text = "<dl id=statements>";
  for (const Statement& statement : build_statements(input)) {
    text += fmt::format("<dt>{}<dd>{}\n", own(statement.title), host(statement.text));
  }
  return text + "</dl>";
}

std::string definitions_list() {
  std::string text = "<dl id=definitions>";
  for (const auto& [term, meaning] : definitions()) {
    text += fmt::format("<dt>{}<dd>{}\n", own(term), own(meaning));
  }
  return text + "</dl>";
}

}  // namespace sockwitness::query::html
