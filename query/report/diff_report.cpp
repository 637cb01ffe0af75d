#include "query/report/diff_report.h"

#include <map>

#include <fmt/format.h>

#include "query/report/records.h"
#include "query/report/socket_words.h"

namespace sockwitness::query {
namespace {

// Every kind of the contract, in the order in which the summary has them.
constexpr ChangeKind kKinds[] = {ChangeKind::NewListener, ChangeKind::VanishedService};

const schema::SnapshotView& side_of(const DiffInput& input, Side side) {
  return side == Side::Before ? input.before : input.after;
}

Value full_snapshot_value(const schema::SnapshotView& view) {
  const schema::Snapshot& snapshot = view.snapshot();
  return snapshot_value(info_of(snapshot), snapshot.gaps, snapshot.namespaces);
}

Value change_value(const DiffInput& input, const Change& change) {
  Value::Object object{{"kind", change_kind_word(change.kind)},
                       {"severity", severity_word(change.severity)}};
  for (Member& member : endpoint_members(change.endpoint)) {
    object.push_back(std::move(member));
  }
  object.push_back(
      {"before", change.before ? service_value(input.before, *change.before) : Value()});
  object.push_back({"after", change.after ? service_value(input.after, *change.after) : Value()});
  object.push_back({"why", change.why});
  return object;
}

Value not_compared_value(const DiffInput& input, const NotCompared& entry) {
  const schema::SnapshotView& view = side_of(input, entry.side);
  const schema::Snapshot& snapshot = view.snapshot();
  Value value = gap_value(snapshot.gaps.at(entry.gap), snapshot.namespaces);
  Value::Object object = *std::get<Value::SharedObject>(value.content());
  Value::List services;
  for (const Endpoint& endpoint : entry.endpoints) {
    services.push_back(endpoint_members(endpoint));
  }
  object.push_back({"seq", snapshot.seq ? Value(snapshot.seq->value()) : Value()});
  object.push_back({"services", std::move(services)});
  return object;
}

std::map<ChangeKind, std::int64_t> count_kinds(const Diff& diff) {
  std::map<ChangeKind, std::int64_t> counts;
  for (const Change& change : diff.changes) {
    ++counts[change.kind];
  }
  return counts;
}

std::size_t count_not_compared(const Diff& diff) {
  std::size_t services = 0;
  for (const NotCompared& entry : diff.not_compared) {
    services += entry.endpoints.size();
  }
  return services;
}

SafeText kind_text(ChangeKind kind) {
  return kind == ChangeKind::NewListener ? SafeText("new listener") : SafeText("vanished");
}

Style severity_style(Severity severity) {
  switch (severity) {
    case Severity::Critical:
    case Severity::High:
      return Style::Alarm;
    case Severity::Medium:
      return Style::Warning;
    default:
      return Style::Plain;
  }
}

// "nginx(812), www-data, nginx.service, child of bash(77)"
SafeText owner_line(const schema::SnapshotView& view, const Service& service) {
  if (service.owners.empty()) {
    return no_holder_text(service.no_holder);
  }
  const Owner& owner = service.owners.front();
  SafeText who = process_text(view.process(owner.process));
  if (service.owners.size() > 1) {
    who += SafeText::own(fmt::format(" +{}", service.owners.size() - 1));
  }
  SafeText child;
  for (const schema::Process& process : view.snapshot().processes) {
    if (process.pid == owner.parent) {
      child = "child of " + process_text(process);
    }
  }
  return join(
      std::vector{who, user_text(view, owner.uid), place_text(owner.unit, owner.container), child},
      ", ");
}

SafeText place_line(const Change& change) {
  const Service& service = change.after ? *change.after : *change.before;
  const Endpoint& endpoint = change.endpoint;
  SafeText text = SafeText::own(schema::protocol_name(endpoint.protocol)) + " " +
                  endpoint_text(endpoint, service.dual_stack);
  return endpoint.netns == "host" ? text : text + " in " + SafeText::host(endpoint.netns);
}

SafeText snapshot_words(const schema::SnapshotView& view, const ClockFace& clock) {
  const schema::Snapshot& snapshot = view.snapshot();
  return SafeText::own(fmt::format("snapshot {} ({})",
                                   snapshot.seq.value_or(schema::Seq(0)).value(),
                                   clock(snapshot.begin.wall)));
}

Table build_table(const DiffInput& input) {
  Table table{{{""}, {""}, {""}, {""}}, {}, false};
  for (const Change& change : input.diff.changes) {
    const bool is_new = change.after.has_value();
    const SafeText owner =
        is_new ? owner_line(input.after, *change.after) : owner_line(input.before, *change.before);
    table.rows.push_back(
        {{SafeText::own(severity_word(change.severity)), severity_style(change.severity)},
         {kind_text(change.kind)},
         {place_line(change)},
         {is_new ? owner : "was " + owner}});
    table.rows.push_back({{}, {}, {}, {SafeText::host(change.why), Style::Faint}});
  }
  return table;
}

SafeText summary_text(const Diff& diff) {
  std::size_t grave = 0;
  for (const Change& change : diff.changes) {
    grave += change.severity >= Severity::High ? 1 : 0;
  }
  const std::size_t all = diff.changes.size();
  if (all == 0) {
    return "no difference in what listens";
  }
  return SafeText::own(fmt::format("{} change{}, {} high", all, all == 1 ? "" : "s", grave));
}

}  // namespace

Document build_diff(const DiffInput& input) {
  Document document;
  document.format = "sockwitness.diff/1";
  document.head = {{"from", full_snapshot_value(input.before)},
                   {"to", full_snapshot_value(input.after)}};
  document.rows_key = "changes";
  document.row_format = "sockwitness.change/1";
  const auto& seq = input.after.snapshot().seq;
  document.seq = seq ? std::optional(seq->value()) : std::nullopt;
  for (const Change& change : input.diff.changes) {
    document.rows.push_back(change_value(input, change));
  }
  Value::List not_compared;
  for (const NotCompared& entry : input.diff.not_compared) {
    not_compared.push_back(not_compared_value(input, entry));
  }
  auto counts = count_kinds(input.diff);
  Value::Object summary;
  for (const ChangeKind kind : kKinds) {
    summary.push_back({change_kind_word(kind), counts[kind]});
  }
  summary.push_back({"not_compared", static_cast<std::uint64_t>(count_not_compared(input.diff))});
  document.tail = {{"not_compared", std::move(not_compared)}, {"summary", std::move(summary)}};
  document.columns = {"kind",
                      "severity",
                      "protocol",
                      "family",
                      "local_address",
                      "local_port",
                      "netns",
                      "path",
                      "before.owners.pid",
                      "before.owners.name",
                      "before.owners.program",
                      "before.owners.user",
                      "before.owners.unit",
                      "after.owners.pid",
                      "after.owners.name",
                      "after.owners.program",
                      "after.owners.user",
                      "after.owners.unit",
                      "why"};
  return document;
}

Page lay_out_diff(const DiffInput& input, const ClockFace& clock) {
  Page page;
  page.add(snapshot_words(input.before, clock) + " → " + snapshot_words(input.after, clock),
           Style::Strong);
  page.add(SafeText());
  if (!input.diff.changes.empty()) {
    page.add(build_table(input));
    page.add(SafeText());
  }
  page.add(summary_text(input.diff));
  for (const NotCompared& entry : input.diff.not_compared) {
    const schema::Snapshot& snapshot = side_of(input, entry.side).snapshot();
    page.add(SafeText::own(fmt::format("Not compared: {} service{}, snapshot {} has a gap: ",
                                       entry.endpoints.size(),
                                       entry.endpoints.size() == 1 ? "" : "s",
                                       snapshot.seq.value_or(schema::Seq(0)).value())) +
                 gap_text(snapshot.gaps.at(entry.gap), snapshot.namespaces),
             Style::Warning);
  }
  return page;
}

}  // namespace sockwitness::query
