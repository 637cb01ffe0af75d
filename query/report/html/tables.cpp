#include "query/report/html/tables.h"

#include <algorithm>
#include <cctype>

#include "query/report/compliance/change_row.h"
#include "query/report/html/approvals.h"
#include "query/report/html/gantt.h"
#include "query/report/html/markup.h"
#include "query/report/html/programs.h"
#include "query/report/words/socket_words.h"
#include "schema/base/escape.h"

namespace sockwitness::query::html {
namespace {

using Titles = std::vector<std::pair<std::string, std::string_view>>;

bool is_second_line(const ReportTable& table, std::size_t at) {
  return at < table.columns.size() && table.columns[at].place != ReportColumn::Place::Own;
}

Titles titles_of(const ReportTable& table) {
  Titles titles;
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    const std::string_view title = table.columns[at].title;
    if (is_second_line(table, at)) {
      titles.back().second = title;
    } else {
      titles.emplace_back(title, "");
      char& first = titles.back().first.front();
      first = static_cast<char>(std::toupper(static_cast<unsigned char>(first)));
    }
  }
  return titles;
}

Markup cell_text(const ReportText& cell) {
  Markup text;
  for (const std::string& line : cell.lines) {
    text += (text.empty() ? Markup() : Markup("<br>")) + own(line);
  }
  return cell.kind == ReportText::Kind::Snapshot ? "#" + text : text;
}

// A table whose columns can be sorted and rows filtered where the page's script runs.
class Table {
 public:
  // Each title is the first line of its column and the names of what stands below it.
  Table(std::string_view id, const Titles& titles)
      : text_(markup("<div class=wide><table class=data id={}><thead><tr>", own(id))) {
    for (const auto& [title, more] : titles) {
      text_ += markup("<th scope=col>{}", own(title));
      text_ += more.empty() ? Markup() : markup("<s>{}</s>", own(more));
    }
    text_ += "<tbody>\n";
  }
  explicit Table(const ReportTable& content) : Table(content.id, titles_of(content)) {}
  void begin_row() { text_ += "<tr>"; }
  void cell(const Markup& first, const Markup& more = {}) {
    text_ += markup("<td>{}", first);
    if (!more.empty()) {
      text_ += markup("<s>{}</s>", more);
    }
  }
  void end_row() { text_ += "\n"; }
  [[nodiscard]] Markup finish() { return text_ + "</tbody></table></div>\n"; }

 private:
  Markup text_;
};

Markup with_seq(const ComplianceInput& input, schema::Seq seq) {
  return markup("{} #{}", time_text(input.wall(seq)), seq.value());
}

Markup status_cell(const Approval& approval) {
  return markup("<em class={}>{}</em>", status_mark(approval.status), own(approval_text(approval)));
}

Markup owner_cell(const schema::Service& service) {
  const schema::Owner* owner = schema::principal(service);
  return owner == nullptr ? safe(nobody_text(service)) : safe(process_text(*owner));
}

Markup owner_details(const schema::Service& service, const Programs& programs) {
  const schema::Owner* owner = schema::principal(service);
  if (owner == nullptr) {
    return {};
  }
  return joined({programs.name_of(owner),
                 host(owner->user),
                 host(owner->unit),
                 labelled("container", host(owner->container)),
                 labelled("started", owner->started_at ? time_text(*owner->started_at) : Markup())},
                " · ");
}

Markup place_cell(const schema::Endpoint& endpoint, std::optional<bool> v6only) {
  return safe(place_text(endpoint, v6only));
}

Markup v6only_text(const schema::Service& service) {
  return !service.v6only ? Markup() : *service.v6only ? Markup("v6only yes") : Markup("v6only no");
}

Markup place_details(const std::string& scope, const schema::Service& service) {
  const std::string_view insecure = insecure_word(service.endpoint);
  return joined({host(scope),
                 service.endpoint.netns == "host" ? Markup() : host(service.endpoint.netns),
                 v6only_text(service),
                 labelled("insecure:", own(insecure))},
                " · ");
}

Markup kind_words(ChangeKind kind) {
  std::string words(change_kind_word(kind));
  std::replace(words.begin(), words.end(), '_', ' ');
  return own(words);
}

// The bracket of the change, and of the service where that is another one.
Markup change_times(const ComplianceInput& input, const ChangeRow& row) {
  Markup text = "not yet " + time_text(row.not_before);
  const Interval* span = row.span;
  if (span == nullptr) {
    return text;
  }
  if (span->seen.first != row.registered.after) {
    text += markup("<br>first seen {}", time_text(input.wall(span->seen.first)));
    if (span->not_before) {
      text += markup("<br>absent {}", time_text(input.wall(*span->not_before)));
    }
  }
  if (span->not_after && *span->not_after != row.registered.after) {
    text += markup("<br>closed {}", time_text(input.wall(*span->not_after)));
  }
  return text;
}

}  // namespace

Markup services_table(const ComplianceInput& input) {
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
    const Interval& first = entry.spans.front();
    const Interval& last = entry.spans.back();
    Markup places;
    for (const RegisterPlace& place : entry.places) {
      places +=
          (places.empty() ? Markup() : Markup("<br>")) + place_cell(place.endpoint, place.v6only);
    }
    table.begin_row();
    table.cell(markup("S{:04}", at + 1));
    table.cell(places, place_details(scope_of(entry), entry.service));
    table.cell(owner_cell(entry.service), owner_details(entry.service, programs));
    table.cell(with_seq(input, first.seen.first),
               first.not_before ? with_seq(input, *first.not_before)
               : entry.at_begin ? Markup("there at the begin")
                                : Markup("nobody had looked before"));
    table.cell(with_seq(input, last.seen.last),
               last.not_after ? with_seq(input, *last.not_after)
               : entry.at_end ? Markup("there at the end")
                              : Markup("nobody has looked since"));
    table.cell(status_cell(input.entry_approvals[at]),
               approvals.words_of(input.entry_approvals[at]));
    table.cell(markup("{}", entry.snapshots),
               markup("{} span{}, {} restart{}",
                      entry.spans.size(),
                      entry.spans.size() == 1 ? Markup() : Markup("s"),
                      entry.restarts,
                      entry.restarts == 1 ? Markup() : Markup("s")));
    table.end_row();
  }
  return table.finish();
}

Markup changes_table(const ComplianceInput& input) {
  if (input.services.changes.empty()) {
    return markup("<p>{}</p>", own(no_change_text(input)));
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
    const bool other =
        before != nullptr && (row.owner == nullptr || !schema::may_be_same(*before, *row.owner));
    table.begin_row();
    table.cell(own(row.id));
    table.cell(time_text(row.seen), change_times(input, row));
    table.cell(kind_words(change.kind),
               joined({own(severity_word(change.severity)),
                       // That its place was read is in the definitions.
                       change.kind == ChangeKind::VanishedService ? Markup() : host(change.why)},
                      "; "));
    table.cell(place_cell(row.shown.endpoint, row.shown.v6only),
               place_details(row.scope, row.shown));
    table.cell(owner_cell(row.shown),
               joined({owner_details(row.shown, programs),
                       other ? markup("before: {} {} {}",
                                      safe(process_text(*before)),
                                      programs.name_of(before),
                                      host(before->user))
                             : Markup()},
                      "; "));
    table.cell(status_cell(row.then),
               joined({approval_word(row.now) == approval_word(row.then)
                           ? Markup()
                           : markup("now {}", own(approval_word(row.now))),
                       approvals.words_of(telling_approval(row.then, row.now))},
                      "; "));
    table.cell(markup("#{} #{}", row.registered.before.value(), row.registered.after.value()),
               markup("{}, S{:04}",
                      row.complete ? Markup("complete") : Markup("partial"),
                      row.registered.entry + 1));
    table.end_row();
  }
  return table.finish();
}

Markup approvals_table(const ComplianceInput& input) {
  const Approvals approvals(input);
  if (approvals.all().empty()) {
    return "<p>None accounts for more than one row.</p>";
  }
  Table table("approvals", {{"Approval", ""}, {"Justification", "approver, ticket, expiry"}});
  std::size_t number = 0;
  for (const Markup& words : approvals.all()) {
    table.begin_row();
    table.cell(markup("A{}", ++number));
    table.cell(words);
    table.end_row();
  }
  return table.finish();
}

Markup programs_table(const ComplianceInput& input) {
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
    table.cell(markup("P{}", ++number));
    table.cell(host(program.path));
    table.cell(joined({host(program.package), host(program.package_version)}, " "),
               own(schema::verdict_word(program.verdict)));
    table.cell(program.sha256.empty()
                   ? Markup("not hashed")
                   : markup("<code>{}</code>", own(schema::hex(program.sha256))));
    table.end_row();
  }
  return table.finish();
}

Markup plain_table(const ReportTable& content) {
  if (content.rows.empty()) {
    return markup("<p>{}</p>", own(content.none));
  }
  Table table(content);
  for (const ReportRow& row : content.rows) {
    table.begin_row();
    for (std::size_t at = 0; at < row.cells.size(); ++at) {
      const bool has_second = is_second_line(content, at + 1);
      table.cell(cell_text(row.cells[at]), has_second ? cell_text(row.cells[at + 1]) : Markup());
      at += has_second ? 1 : 0;
    }
    table.end_row();
  }
  return table.finish();
}

Markup plain_list(const ReportTable& content) {
  Markup text = markup("<dl id={}>", own(content.id));
  for (const ReportRow& row : content.rows) {
    text += markup("<dt>{}<dd>{}\n", cell_text(row.cells.front()), cell_text(row.cells.back()));
  }
  return text + "</dl>";
}

}  // namespace sockwitness::query::html
