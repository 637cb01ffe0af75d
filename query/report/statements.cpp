#include "query/report/statements.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "query/report/baseline_records.h"

namespace sockwitness::query {
namespace {

std::string time_text(schema::WallTime time) {
  return schema::format_utc(time);
}

// To the second, never less than it was: "1 h 5 min 3 s".
std::string exact_text(std::int64_t microseconds) {
  const std::int64_t seconds = (microseconds + 999'999) / 1'000'000;
  std::string text;
  const auto add = [&](std::int64_t amount, std::string_view unit) {
    if (amount > 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : " ", amount, unit);
    }
  };
  add(seconds / 86'400, "d");
  add(seconds / 3600 % 24, "h");
  add(seconds / 60 % 60, "min");
  add(seconds % 60, "s");
  return text.empty() ? "0 s" : text;
}

std::string namespaces_text(const ComplianceInput& input) {
  std::set<std::string> labels;
  for (const RegisterEntry& entry : input.services.entries) {
    labels.insert(entry.key.netns);
  }
  std::string text;
  for (const std::string& label : labels) {
    text += (text.empty() ? "" : ", ") + label;
  }
  return labels.empty() ? "no service was seen in any network namespace"
                        : "network namespaces with services: " + text;
}

std::string host_text(const ComplianceInput& input) {
  const schema::Context& context = input.context();
  return fmt::format("{}; machine id {}; kernel {}",
                     context.host_name,
                     context.machine_id.empty() ? "none" : context.machine_id,
                     context.kernel);
}

std::string asked_text(const ComplianceInput& input) {
  const auto words = [](const std::optional<schema::WallTime>& time, const char* otherwise) {
    return time ? time_text(*time) : std::string(otherwise);
  };
  return fmt::format("from {} to {}",
                     words(input.asked_since, "the first snapshot"),
                     words(input.asked_until, "the last snapshot"));
}

std::string covered_text(const ComplianceInput& input) {
  return fmt::format("{} to {} (UTC, offset +00:00); snapshots #{} to #{}",
                     time_text(input.coverage.from),
                     time_text(input.coverage.to),
                     input.snapshots.first.value(),
                     input.snapshots.last.value());
}

std::string schedule_text(const ComplianceInput& input) {
  const auto& stated = input.context().every_us;
  if (stated) {
    return "a snapshot every " + exact_text(*stated) + ", as the recorder's loop states";
  }
  const auto usual = usual_interval_us(input.moments);
  return usual ? "none is stated; the usual interval is " + exact_text(*usual)
               : "none is stated, and there are too few snapshots to know the usual one";
}

std::string runs_text(const ComplianceInput& input) {
  const TimeCoverage& coverage = input.coverage;
  return fmt::format(
      "{} expected, {} completed ({} of them partial: something could not be read), {} failed, {} "
      "skipped, {} late",
      coverage.expected(),
      coverage.snapshots,
      input.totals.incomplete,
      coverage.failed,
      coverage.skipped,
      coverage.late);
}

std::string gaps_text(const ComplianceInput& input) {
  const TimeCoverage& coverage = input.coverage;
  if (coverage.unobserved.empty()) {
    return "none";
  }
  return fmt::format(
      "{} stretches, together {}; each is listed with its cause. What happened in "
      "them was not observed",
      coverage.unobserved.size(),
      exact_text(coverage.unobserved_us));
}

std::string sampling_text(const ComplianceInput& input) {
  return fmt::format(
      "a port that was open only between two snapshots is not seen; the longest interval outside "
      "the gaps was {}",
      exact_text(input.coverage.longest_interval_us));
}

std::string baseline_statement(const ComplianceInput& input) {
  if (!input.baseline) {
    return "none was used";
  }
  const schema::BaselineInfo& info = *input.baseline;
  std::string text = fmt::format("{}, record {}, snapshots #{} to #{}, made at {} by {}",
                                 info.name,
                                 info.record,
                                 info.first.value(),
                                 info.last.value(),
                                 time_text(info.made_at),
                                 info.author.user);
  if (info.author.login_user) {
    text += " (logged in as " + *info.author.login_user + ")";
  }
  return text +
         fmt::format("; {} services, {} accepted by hand afterwards", info.services, info.accepted);
}

std::string policy_text(const ComplianceInput& input) {
  return input.policy.empty()
             ? "none was used: without a policy nothing but a baseline accounts for a service"
             : fmt::format("{}, {} entries, SHA-256 {}",
                           input.policy,
                           input.policy_entries,
                           input.run.policy_hash);
}

std::string sync_text(const ComplianceInput& input) {
  const ReportTotals& totals = input.totals;
  return fmt::format(
      "synchronised by the kernel's word in {} of {} snapshots, not in {}, not known "
      "in {}",
      totals.synchronized,
      totals.snapshots,
      totals.unsynchronized,
      totals.snapshots - totals.synchronized - totals.unsynchronized);
}

std::string steps_text(const ComplianceInput& input) {
  const auto steps =
      std::count_if(input.events.begin(), input.events.end(), [](const ChronicleEvent& event) {
        return event.kind == ChronicleKind::ClockStep;
      });
  return steps == 0 ? "the clock was not set in the period, as far as snapshots show"
                    : fmt::format("the clock was set {} times; each is listed", steps);
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "could not be read" : text;
}

std::string totals_text(const ComplianceInput& input) {
  return fmt::format("{} services, {} changes, {} findings, {} stretches not observed, {} events",
                     input.services.entries.size(),
                     input.services.changes.size(),
                     input.findings.rows.size(),
                     input.coverage.unobserved.size(),
                     input.events.size());
}

std::string findings_text(const ComplianceInput& input) {
  const ReportFindings& findings = input.findings;
  std::string text = fmt::format(
      "the rules (version {}) were run on {} snapshots: {}",
      findings.rules_version,
      findings.judged,
      findings.all_states ? "the first, the last, and each that a listed change shows in first"
                          : "the first, the last, and some of those that a listed change shows in "
                            "first, evenly chosen; what showed in others only is missing");
  return findings.failures.empty()
             ? text
             : text + fmt::format("; {} rules could not be run", findings.failures.size());
}

}  // namespace

std::vector<Statement> build_statements(const ComplianceInput& input) {
  return {
      {"scope_host", "Host", host_text(input)},
      {"scope_namespaces", "Network namespaces", namespaces_text(input)},
      {"scope_protocols",
       "Protocols",
       "TCP, UDP, UDP-Lite, SCTP, MPTCP and DCCP over IPv4 and IPv6, and vsock, as far as the "
       "kernel has them"},
      {"scope_excluded",
       "Not in scope",
       "unix sockets; raw, packet and netlink sockets; connections; UDP ports that the kernel gave "
       "to clients and that did not stay; the recorder's own sockets"},
      {"period_asked", "Period asked for", asked_text(input)},
      {"period_covered", "Period covered", covered_text(input)},
      {"time_zone", "Time zone", "all times are UTC"},
      {"schedule", "Schedule", schedule_text(input)},
      {"runs", "Runs", runs_text(input)},
      {"coverage", "Coverage in time", coverage_text(input.coverage)},
      {"gaps", "Gaps", gaps_text(input)},
      {"sampling", "Sampling", sampling_text(input)},
      {"baseline", "Baseline", baseline_statement(input)},
      {"policy", "Policy", policy_text(input)},
      {"findings_method", "Findings", findings_text(input)},
      {"integrity",
       "Integrity",
       "not authenticated: records are not signed in this version. There is no key fingerprint, no "
       "head hash and no anchor; nothing in the database proves that it was not altered"},
      {"recheck",
       "How to check again",
       "sockwitness " + input.run.arguments + " --as-of " + time_text(input.run.at) +
           " gives the same bytes from the same database, program, policy and rules"},
      {"tool",
       "Tool",
       fmt::format(
           "sockwitness {}, recorder {}", SOCKWITNESS_VERSION, input.context().recorder_version)},
      {"program_hash", "SHA-256 of the program", or_unknown(input.run.program_hash)},
      {"sqlite", "SQLite", input.run.sqlite},
      {"database", "Database", input.run.database},
      {"clock_sync", "Clock synchronisation", sync_text(input)},
      {"clock_steps", "Clock steps", steps_text(input)},
      {"run_by", "Made by", input.run.user},
      {"run_at", "Made at", time_text(input.run.at)},
      {"arguments", "Arguments", "sockwitness " + input.run.arguments},
      {"totals", "Rows", totals_text(input)},
      {"report_hash",
       "SHA-256 of this report",
       "in the file beside it whose name ends in .sha256; check it with sha256sum -c"},
  };
}

std::vector<std::pair<std::string_view, std::string_view>> definitions() {
  return {
      {"service",
       "an endpoint (protocol, port, network namespace; for RPC its program number) with the "
       "program, "
       "script, user and unit or container that answers there; its addresses belong to it"},
      {"changed, not yet",
       "the bracket of a change: it happened after the one snapshot and before or at the other"},
      {"first seen, last seen absent",
       "the bracket in which the service itself began; not given for what was there at the begin"},
      {"last seen, closed",
       "the bracket in which it ended; not given while the service is still there"},
      {"not observed",
       "between two snapshots that are further apart than the schedule allows nothing is known: "
       "neither that something changed nor that nothing did"},
      {"coverage in time", "the share of the period outside such stretches, rounded down"},
      {"approved",
       "an entry of the policy, or a service accepted into the baseline, that is true of the "
       "service and has not ended; baseline: it is as the baseline has it"},
      {"then, now",
       "approval at the time of the change, and when the report was made. A policy bears no date: "
       "it is taken as it reads now, its ends as they were then"},
      {"vanished", "no longer there, and the place was looked at; what a gap covers is not listed"},
      {"restart", "the same service with younger processes; counted, not listed as a change"},
      {"insecure",
       "the port number is that of a protocol that sends passwords in clear text; the protocol "
       "itself was not looked at"},
      {"confidence", "complete: neither snapshot of the bracket has a gap; else partial"},
      {"evidence", "the two snapshots of the bracket: sockwitness show --at '#N' shows each"},
  };
}

}  // namespace sockwitness::query
