#include "query/report/answers/check_report.h"

#include <functional>
#include <map>

#include <fmt/format.h>

#include "query/report/records/finding_value.h"
#include "query/report/records/records.h"
#include "query/report/words/finding_words.h"
#include "query/report/words/severity_style.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {
namespace {

Value finding_value(const Finding& finding, const PortNames& names) {
  Value::Object object = finding_members(finding, names);
  const auto& seen = finding.interval;
  object.push_back({"first_seen", seen ? time_value(seen->first) : Value()});
  object.push_back({"last_seen", seen ? time_value(seen->last) : Value()});
  object.push_back({"snapshots", seen ? Value(seen->snapshots) : Value()});
  return object;
}

Value failure_value(const RuleFailure& failure) {
  return Value::Object{{"rule", failure.rule->id},
                       {"source", failure.rule->source},
                       {"line", failure.line},
                       {"reason", failure.reason},
                       {"partial", failure.partial}};
}

Value problem_value(const schema::Error& problem) {
  return Value::Object{{"message", problem.message()}, {"hint", text_or_null(problem.hint())}};
}

Value blindness_value(const CheckInput& input, const Blindness& blind) {
  Value::List rules;
  for (const Rule* rule : blind.rules) {
    rules.emplace_back(rule->id);
  }
  const schema::Snapshot& snapshot = input.snapshot;
  return Value::Object{{"gap", gap_value(snapshot.gaps.at(blind.gap), snapshot.namespaces)},
                       {"rules", std::move(rules)}};
}

template <class Range, class Function>
Value list_of(const Range& range, Function value_of) {
  Value::List list;
  for (const auto& each : range) {
    list.push_back(value_of(each));
  }
  return list;
}

std::string count_text(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

SafeText header_text(const CheckInput& input, const ClockFace& clock) {
  const schema::Snapshot& snapshot = input.snapshot;
  const std::int64_t last = snapshot.seq.value_or(schema::Seq(0)).value();
  const std::string which = input.from
                                ? fmt::format("snapshots {} to {}", input.from->value(), last)
                                : fmt::format("snapshot {}", last);
  return SafeText::host(snapshot.context.host_name) +
         SafeText::own(fmt::format(" · {} · {} · ", which, clock(snapshot.begin.wall))) +
         completeness_text(snapshot.gaps, snapshot.namespaces);
}

SafeText interval_text(const CheckInput& input, const Finding& finding, const ClockFace& clock) {
  if (!input.from || !finding.interval) {
    return {};
  }
  const ObservedInterval& seen = *finding.interval;
  return SafeText::own(seen.snapshots == 1
                           ? fmt::format("seen once, {}", clock(seen.first))
                           : fmt::format("first seen {}, last {}, in {} of {} snapshots",
                                         clock(seen.first),
                                         clock(seen.last),
                                         seen.snapshots,
                                         input.snapshots));
}

void add_finding(Table& table,
                 const CheckInput& input,
                 const Finding& finding,
                 const ClockFace& clock) {
  const bool accepted = finding.accepted();
  const bool in_short = accepted && !input.all;
  table.rows.push_back({{SafeText::own(severity_word(finding.severity())),
                         accepted ? Style::Faint : severity_style(finding.severity())},
                        {title_text(finding), in_short ? Style::Plain : Style::Strong}});
  const auto add = [&](const SafeText& line, Style style = Style::Plain) {
    if (!line.empty()) {
      table.rows.push_back({{}, {line, style}});
    }
  };
  const std::vector<SafeText> lines = finding_lines(finding, clock);
  if (in_short) {
    add(lines.empty() ? SafeText() : lines.front());
  } else {
    for (const SafeText& line : lines) {
      add(line);
    }
    add(interval_text(input, finding, clock));
    for (const SafeText& line : input.explain ? ground_lines(finding) : std::vector<SafeText>()) {
      add(line, Style::Faint);
    }
  }
  add(acceptance_line(finding), accepted ? Style::Plain : Style::Warning);
}

// "2 findings: 1 critical, 1 medium; 3 accepted; 12 of less weight (--all shows them)"
SafeText summary_text(const CheckInput& input) {
  std::map<Severity, std::size_t, std::greater<>> counts;
  std::size_t accepted = 0;
  for (const Finding& finding : input.findings) {
    if (finding.accepted()) {
      ++accepted;
    } else {
      ++counts[finding.severity()];
    }
  }
  std::size_t all = 0;
  std::vector<SafeText> parts;
  for (const auto& [severity, count] : counts) {
    all += count;
    parts.push_back(SafeText::own(fmt::format("{} {}", count, severity_word(severity))));
  }
  SafeText text = SafeText::own(count_text(all, "finding", "findings"));
  if (all == 0) {
    text = SafeText::own(fmt::format("nothing suspicious to {} rules", input.rules));
  } else {
    text += ": " + join(parts, ", ");
  }
  if (accepted > 0) {
    text += SafeText::own(fmt::format("; {} accepted", accepted));
  }
  if (input.hidden > 0) {
    text += SafeText::own(fmt::format("; {} of less weight (--all shows them)", input.hidden));
  }
  return text;
}

void add_failures(Page& page, const CheckInput& input) {
  for (const RuleFailure& failure : input.failures) {
    page.add(
        "rule " + SafeText::own(failure.rule->id) +
            (failure.partial ? SafeText(" could not finish: ") : SafeText(" could not run: ")) +
            SafeText::host(failure.rule->source) +
            SafeText::own(fmt::format(":{}: ", failure.line)) + SafeText::host(failure.reason),
        Style::Warning);
  }
  for (const schema::Error& problem : input.problems) {
    page.add(SafeText::host(problem.message()) +
                 (problem.hint().empty() ? SafeText() : "; " + SafeText::host(problem.hint())),
             Style::Warning);
  }
}

// What the rules needed and could not see.
void add_blindness(Page& page, const CheckInput& input) {
  std::vector<schema::Gap> gaps;
  for (const Blindness& blind : input.blindness) {
    gaps.push_back(input.snapshot.gaps.at(blind.gap));
  }
  if (!gaps.empty()) {
    page.add("the rules could not see " + gaps_text(gaps, input.snapshot.namespaces) +
                 " (--format json tells which of them needed it)",
             Style::Warning);
  }
}

}  // namespace

Document build_check(const CheckInput& input) {
  const schema::Snapshot& snapshot = input.snapshot;
  Document document;
  document.format = "sockwitness.check/1";
  document.head = {
      {"snapshot", snapshot_value(info_of(snapshot), snapshot.gaps, snapshot.namespaces)},
      {"from_seq", input.from ? Value(input.from->value()) : Value()},
      {"snapshots", input.snapshots},
      {"note", text_or_null(input.note)},
      {"rules_version", input.rules_version},
      {"rules", static_cast<std::uint64_t>(input.rules)}};
  document.rows_key = "findings";
  document.row_format = "sockwitness.finding/1";
  document.seq = snapshot.seq ? std::optional(snapshot.seq->value()) : std::nullopt;
  for (const Finding& finding : input.findings) {
    document.rows.push_back(finding_value(finding, input.names));
  }
  document.tail = {{"less_weight", static_cast<std::uint64_t>(input.hidden)},
                   {"not_run", list_of(input.failures, failure_value)},
                   {"problems", list_of(input.problems, problem_value)},
                   {"blind", list_of(input.blindness, [&](const Blindness& blind) {
                      return blindness_value(input, blind);
                    })}};
  document.columns = words(
      "severity rule title why attack accepted.reason process.pid process.name "
      "process.program process.script process.command_line process.user process.unit "
      "process.container ancestry.pid ancestry.name socket.protocol socket.state "
      "socket.local_address socket.local_port socket.remote_address socket.remote_port "
      "socket.netns socket.direction peer.pid peer.name reasons.rule first_seen last_seen "
      "reasons.pid reasons.socket.local_address reasons.socket.local_port "
      "reasons.socket.remote_address reasons.socket.remote_port");
  return document;
}

Page lay_out_check(const CheckInput& input, const ClockFace& clock) {
  Page page;
  if (input.findings.empty()) {
    page.add(header_text(input, clock) + " · " + summary_text(input));
  } else {
    page.add(header_text(input, clock), Style::Strong);
  }
  if (input.each_gap) {
    add_gaps(page, input.snapshot.gaps, input.snapshot.namespaces);
  }
  if (!input.note.empty()) {
    page.add("careful: " + SafeText::host(input.note), Style::Warning);
  }
  if (!input.findings.empty()) {
    page.add(SafeText());
  }
  for (const Finding& finding : input.findings) {
    Table table{{{""}, {""}}, {}, false};
    add_finding(table, input, finding, clock);
    page.add(std::move(table));
    page.add(SafeText());
  }
  if (!input.findings.empty()) {
    page.add(summary_text(input));
  }
  add_blindness(page, input);
  add_failures(page, input);
  return page;
}

}  // namespace sockwitness::query
