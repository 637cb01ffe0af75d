#include "query/report/answers/diff_report.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "query/analysis/owners.h"
#include "query/analysis/rpc_names.h"
#include "query/report/records/baseline_records.h"
#include "query/report/words/severity_style.h"
#include "query/report/words/socket_words.h"

namespace sockwitness::query {
namespace {

using schema::Owner;
using schema::Service;

SafeText kind_text(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::NewListener:
      return "new listener";
    case ChangeKind::VanishedService:
      return "vanished";
    case ChangeKind::OwnerChanged:
      return "owner changed";
    case ChangeKind::ProgramChanged:
      return "program changed";
    case ChangeKind::ExposureWidened:
      return "exposure widened";
    case ChangeKind::ExposureNarrowed:
      return "exposure narrowed";
    case ChangeKind::Moved:
      return "moved";
    case ChangeKind::ForwardingChanged:
      return "leads elsewhere";
    case ChangeKind::Renamed:
      return "renamed";
    case ChangeKind::Restarted:
      return "restarted";
    case ChangeKind::Reopened:
      return "reopened";
    case ChangeKind::Flapping:
      break;
  }
  return "flapping";
}

SafeText child_text(const Owner& owner) {
  if (owner.ancestors.empty()) {
    return {};
  }
  const schema::Ancestor& parent = owner.ancestors.front();
  SafeText text = "child of " + SafeText::host(parent.name) +
                  SafeText::own(fmt::format("({})", parent.pid.value()));
  return parent.script.empty() ? text : text + " " + SafeText::host(parent.script);
}

// "nginx(812) +4, www-data, nginx.service"; with `origin` its parent as well.
SafeText owner_line(const Service& service, bool origin) {
  const Owner* owner = principal(service);
  if (owner == nullptr) {
    SafeText text = nobody_text(service);
    for (const std::uint32_t program : service.rpc) {
      text += ", " + SafeText::own(rpc_words(program));
    }
    return text;
  }
  SafeText who = process_text(*owner);
  if (service.owners.size() > 1) {
    who += SafeText::own(fmt::format(" +{}", service.owners.size() - 1));
  }
  const SafeText place = place_text(owner->unit, owner->container, owner->container_facts);
  return join(
      std::vector{
          who, SafeText::host(owner->user), place, origin ? child_text(*owner) : SafeText()},
      ", ");
}

SafeText arrow(std::string_view from, std::string_view to) {
  return SafeText::own(from) + " → " + SafeText::own(to);
}

// What the change is, then why it counts: the lines of its last column.
std::vector<SafeText> detail_lines(const Change& change) {
  const SafeText why = SafeText::host(change.why);
  switch (change.kind) {
    case ChangeKind::VanishedService:
      return {"was " + owner_line(*change.before, false), why};
    case ChangeKind::OwnerChanged:
      return {"was " + owner_line(*change.before, false),
              "now " + owner_line(*change.after, true),
              why};
    case ChangeKind::ExposureWidened:
    case ChangeKind::ExposureNarrowed:
      return {owner_line(*change.after, true), why};
    case ChangeKind::Moved:
      if (!change.after->rpc.empty()) {
        return {SafeText::own(rpc_words(change.after->rpc.front()) + ": ") +
                    arrow(std::to_string(change.before->endpoint.port.value()),
                          std::to_string(change.after->endpoint.port.value())),
                owner_line(*change.after, false)};
      }
      return {owner_line(*change.after, false), why};
    default:
      break;
  }
  return {owner_line(change.after ? *change.after : *change.before, true), why};
}

// Several endpoints of one owner with the same story are one service to people.
struct ChangeRow {
  const Change* change = nullptr;
  std::vector<SafeText> places;
  std::vector<SafeText> details;
};

std::vector<ChangeRow> merge_rows(const DiffInput& input) {
  std::vector<ChangeRow> rows;
  std::map<std::tuple<Severity, ChangeKind, std::string>, std::size_t> known;
  for (const Change& change : input.diff.changes) {
    if (!input.shows(change)) {
      continue;
    }
    const Service& service = change.after ? *change.after : *change.before;
    std::vector<SafeText> details = detail_lines(change);
    const std::string story = join(details, "\n").text();
    const auto [entry, is_new] =
        known.try_emplace({change.severity, change.kind, story}, rows.size());
    if (is_new) {
      rows.push_back({&change, {}, std::move(details)});
    }
    rows[entry->second].places.push_back(place_text(change.endpoint, service.v6only));
  }
  return rows;
}

Table build_table(const DiffInput& input) {
  Table table{{{""}, {""}, {""}, {""}}, {}, false};
  for (const ChangeRow& row : merge_rows(input)) {
    const std::size_t height = std::max(row.places.size(), row.details.size());
    for (std::size_t at = 0; at < height; ++at) {
      std::vector<Cell> cells(4);
      if (at == 0) {
        cells[0] = {SafeText::own(severity_word(row.change->severity)),
                    severity_style(row.change->severity)};
        cells[1] = {kind_text(row.change->kind)};
      }
      if (at < row.places.size()) {
        cells[2] = {row.places[at]};
      }
      if (at < row.details.size()) {
        const bool last = at > 0 && at + 1 == row.details.size();
        cells[3] = {row.details[at], last ? Style::Faint : Style::Plain};
      }
      table.rows.push_back(std::move(cells));
    }
  }
  return table;
}

SafeText counted(std::size_t count, std::string_view one, std::string_view many) {
  return SafeText::own(fmt::format("{} {}", count, count == 1 ? one : many));
}

using KindCounts = std::map<ChangeKind, std::size_t>;

// "; not shown: 3 restarted, 1 moved"
SafeText counts_text(std::string_view title, const KindCounts& counts) {
  std::vector<SafeText> parts;
  for (const auto& [kind, count] : counts) {
    parts.push_back(SafeText::own(fmt::format("{} ", count)) + kind_text(kind));
  }
  return parts.empty() ? SafeText() : SafeText::own(title) + join(parts, ", ");
}

SafeText summary_text(const DiffInput& input) {
  KindCounts shown_light;
  KindCounts not_shown;
  std::size_t weighty = 0;
  std::size_t grave = 0;
  for (const Change& change : input.diff.changes) {
    if (change.severity == Severity::Info) {
      ++(input.shows(change) ? shown_light : not_shown)[change.kind];
    } else {
      ++weighty;
    }
    grave += change.severity >= Severity::High ? 1 : 0;
  }
  SafeText text = weighty == 0 ? SafeText("no difference in what listens")
                               : counted(weighty, "change", "changes") +
                                     SafeText::own(fmt::format(", {} high", grave));
  text += counts_text("; of no weight: ", shown_light);
  text += counts_text("; not shown: ", not_shown);
  if (!not_shown.empty()) {
    text += " (--all shows them)";
  }
  return text;
}

SafeText end_text(const DiffEnd& end, const ClockFace& clock) {
  SafeText text;
  if (end.baseline) {
    text = baseline_text(*end.baseline, clock);
  } else if (end.snapshot) {
    text = end.now ? SafeText("now (")
                   : SafeText::own(fmt::format("snapshot {} (", end.snapshot->seq.value()));
    text += SafeText::own(clock(end.snapshot->begin.wall)) + ")";
  }
  if (!end.file.empty()) {
    const std::string& host =
        end.snapshot ? end.snapshot->context.host_name : end.baseline->host_name;
    text += " of " + SafeText::host(host) + " in " + SafeText::host(end.file);
  }
  return text;
}

SafeText end_name(const DiffEnd& end) {
  if (end.baseline) {
    return "baseline " + SafeText::host(end.baseline->name);
  }
  return end.now ? SafeText("now")
                 : SafeText::own(fmt::format("snapshot {}", end.snapshot->seq.value()));
}

void add_not_compared(Page& page, const DiffInput& input) {
  for (const NotCompared& entry : input.diff.not_compared) {
    const DiffEnd& end = entry.side == Side::Before ? input.from : input.to;
    SafeText text =
        entry.owners_only ? SafeText("Owners not compared: ") : SafeText("Not compared: ");
    text += counted(entry.endpoints.size(), "service", "services") + ", ";
    text += entry.gap ? gap_text(end.set.gaps.at(*entry.gap), end.set.namespaces)
                      : SafeText("whose holders were not seen");
    page.add(text + " (" + end_name(end) + ")", entry.owners_only ? Style::Faint : Style::Warning);
  }
}

}  // namespace

Page lay_out_diff(const DiffInput& input, const ClockFace& clock) {
  Page page;
  page.add(end_text(input.from, clock) + " → " + end_text(input.to, clock), Style::Strong);
  for (const std::string& part : input.left_out) {
    page.add("left out, as it belongs to one host: " + SafeText::own(part), Style::Faint);
  }
  page.add(SafeText());
  Table table = build_table(input);
  if (!table.rows.empty()) {
    page.add(std::move(table));
    page.add(SafeText());
  }
  page.add(summary_text(input));
  add_not_compared(page, input);
  return page;
}

}  // namespace sockwitness::query
