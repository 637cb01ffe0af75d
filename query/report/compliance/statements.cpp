#include "query/report/compliance/statements.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "query/report/compliance/integrity.h"

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

std::string number_of(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
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

std::ptrdiff_t count_steps(const ComplianceInput& input) {
  return std::count_if(input.events.begin(), input.events.end(), [](const ChronicleEvent& event) {
    return event.kind == ChronicleKind::ClockStep;
  });
}

std::string addresses_text(const ComplianceInput& input) {
  constexpr std::size_t kMost = 24;
  std::string text;
  for (std::size_t at = 0; at < std::min(kMost, input.addresses.size()); ++at) {
    text += (at == 0 ? "" : ", ") + input.addresses[at].text();
  }
  if (input.addresses.size() > kMost) {
    text += fmt::format(" and {} more", input.addresses.size() - kMost);
  }
  return (text.empty() ? "none was seen" : text) +
         "; taken from the local addresses of its sockets, in the snapshots that the rules were "
         "run "
         "on: one that no socket used is not among them";
}

std::string asked_text(const ComplianceInput& input) {
  return fmt::format("from {} to {}", input.asked_since, input.asked_until);
}

std::string seq_text(const ComplianceInput& input, schema::Seq seq) {
  return fmt::format("#{} at {}", seq.value(), time_text(input.wall(seq)));
}

// What snapshots say; what was asked for is another statement.
std::string covered_text(const ComplianceInput& input) {
  const schema::SeqRange& snapshots = input.snapshots;
  const bool state = input.wall(snapshots.first) < input.coverage.from;
  const std::string begin = "the state at the begin is that of " + seq_text(input, snapshots.first);
  const std::string tail = tail_text(input);
  std::string text;
  if (input.coverage.snapshots == 0) {
    text = "no snapshot lies within it; " + begin;
  } else {
    const std::size_t place = input.moments.at_or_after(snapshots.first) + (state ? 1 : 0);
    text = fmt::format("{} to {} (UTC, offset +00:00)",
                       seq_text(input, input.moments[place].seq),
                       seq_text(input, snapshots.last));
    text += state ? "; " + begin : "";
  }
  if (count_steps(input) > 0) {
    text += fmt::format("; the clock was set in between: what passed is {}{}",
                        input.coverage.unmeasured ? "more than " : "",
                        exact_text(input.coverage.elapsed_us));
  }
  return tail.empty() ? text : text + ". " + tail;
}

std::string schedule_text(const ComplianceInput& input) {
  if (input.expect_every_us) {
    return "a snapshot every " + exact_text(*input.expect_every_us) +
           ", as the report was asked to expect";
  }
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
  const std::size_t count = coverage.unobserved.size();
  return fmt::format(
      "{}, together {}{}; each is listed with its cause. What happened then was not observed",
      number_of(count, "stretch", "stretches"),
      exact_text(coverage.unobserved_us),
      coverage.unmeasured ? " and such as nobody can measure: the clock was set back over a reboot"
                          : "");
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
  return text + fmt::format("; {}, {} accepted by hand afterwards",
                            number_of(info.services, "service", "services"),
                            info.accepted);
}

std::string policy_text(const ComplianceInput& input) {
  return input.policy.empty()
             ? "none was used: without a policy nothing but a baseline accounts for a service"
             : fmt::format("{}, {}, SHA-256 {}",
                           input.policy,
                           number_of(input.policy_uses.size(), "entry", "entries"),
                           input.run.policy_hash);
}

std::string sync_text(const ComplianceInput& input) {
  const ReportTotals& totals = input.totals;
  return fmt::format(
      "synchronised by the kernel's word in {} of {}, not in {}, not known in {}; each stretch in "
      "which it was not is listed among the events",
      totals.synchronized,
      number_of(totals.snapshots, "snapshot", "snapshots"),
      totals.unsynchronized,
      totals.snapshots - totals.synchronized - totals.unsynchronized);
}

std::string steps_text(const ComplianceInput& input) {
  const auto steps = count_steps(input);
  return steps == 0   ? "the clock was not set in the period, as far as snapshots show"
         : steps == 1 ? "the clock was set once, as listed"
                      : fmt::format("the clock was set {} times; each is listed", steps);
}

std::string or_unknown(const std::string& text) {
  return text.empty() ? "could not be read" : text;
}

std::string totals_text(const ComplianceInput& input) {
  return fmt::format(
      "{}, {}, {}, {} not observed, {}",
      number_of(input.services.entries.size(), "service", "services"),
      number_of(input.services.changes.size(), "change", "changes"),
      number_of(input.findings.rows.size(), "finding", "findings"),
      number_of(input.coverage.unobserved.size(), "stretch", "stretches"),
      number_of(input.events.size() + input.unsynchronized.size(), "event", "events"));
}

std::string findings_text(const ComplianceInput& input) {
  const ReportFindings& findings = input.findings;
  std::string text = fmt::format(
      "the rules (version {}) were run on {}: {}",
      findings.rules_version,
      number_of(findings.judged, "snapshot", "snapshots"),
      findings.all_states ? "the first, the last, and each that a listed change shows in first"
                          : "the first, the last, and some of those that a listed change shows in "
                            "first, evenly chosen; what showed in others only is missing");
  return findings.failures.empty()
             ? text
             : text + fmt::format("; {} could not be run",
                                  number_of(findings.failures.size(), "rule", "rules"));
}

}  // namespace

std::vector<Statement> build_statements(const ComplianceInput& input) {
  const Integrity integrity = integrity_of(input.verdict);
  return {
      {"scope_host", "Host", host_text(input)},
      {"scope_addresses", "Addresses", addresses_text(input)},
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
      {"configuration",
       "Configuration",
       "SHA-256 " + input.run.config_hash +
           " over the policy's, the version of the rules, the baseline and the schedule expected"},
      {"findings_method", "Findings", findings_text(input)},
      {"integrity", "Integrity", integrity.text},
      {"head_hash", "Head hash", integrity.head},
      {"key_fingerprint", "Signing keys", integrity.keys},
      {"anchored", "Anchored", integrity.anchored},
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
      {"figures",
       "services at the begin, and those that came, less those that went are those at the end; "
       "opened and closed count addresses, as the listed changes do: a service may have several, "
       "and a change of owner ends one service and begins another. Findings among the figures are "
       "those of medium severity or higher that nobody accepted"},
      {"finding: first seen, last seen",
       "the first snapshot that the rules found it in, and how long it lasted from the last such "
       "one on: while nothing changes where something listens, as long as its socket was there"},
      {"then, now",
       "approval at the time of the change, and when the report was made. An entry of the policy "
       "holds from its approved_on, else from the date of its file, until it expires or the file "
       "is replaced; \"approved later\" is what nothing shows to have been approved at that time"},
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
