#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "recorder/app/commands.h"
#include "recorder/app/say.h"
#include "schema/base/escape.h"

namespace sockwitness::recorder {
namespace {

std::string describe(const schema::Gap& gap) {
  std::string text = fmt::format(
      "{} {}", schema::gap_source_word(gap.source), schema::gap_reason_word(gap.reason));
  if (!gap.object.empty()) {
    text += fmt::format(" ({})", schema::escape_terminal(gap.object.text()));
  }
  if (gap.count > 1) {
    text += fmt::format(" x{}", gap.count);
  } else if (gap.pid) {
    text += fmt::format(" of process {}", gap.pid->value());
  }
  return text;
}

// What a recorder without rights was refused.
struct Denied {
  bool any = false;
  std::uint32_t hidden = 0;
  bool namespaces = false;
  bool rules = false;
  std::uint32_t processes = 0;
};

Denied count_denied(const std::vector<schema::Gap>& gaps) {
  Denied denied;
  for (const schema::Gap& gap : gaps) {
    if (gap.reason != schema::GapReason::Permission) {
      continue;
    }
    denied.any = true;
    if (gap.source == schema::GapSource::ProcessList) {
      denied.hidden = std::max(denied.hidden, gap.count);
    }
    denied.namespaces |= gap.source == schema::GapSource::Namespace ||
                         (gap.source == schema::GapSource::SocketTable && gap.netns);
    denied.rules |= gap.source == schema::GapSource::NatRules;
    if (gap.source == schema::GapSource::ProcessField || gap.source == schema::GapSource::Process) {
      denied.processes = std::max(denied.processes, gap.count);
    }
  }
  return denied;
}

}  // namespace

std::string summary_line(const WrittenSnapshot& written) {
  const schema::SnapshotInfo& info = written.info;
  const std::string gaps = info.complete() ? ""
                                           : fmt::format("  incomplete: {} gap{}",
                                                         info.totals.gaps,
                                                         info.totals.gaps == 1 ? "" : "s");
  return fmt::format(
      "snapshot {}  {}  {} listening  {} connected  {} process{}  +{} -{}  {} ms{}\n",
      info.seq.value(),
      schema::format_utc(info.begin.wall),
      info.totals.listening,
      info.totals.connected,
      info.totals.processes,
      info.totals.processes == 1 ? "" : "es",
      written.new_listening,
      written.gone_listening,
      (info.cost.wall_us + 500) / 1000,
      gaps);
}

std::string missing_line(const std::vector<schema::Gap>& gaps) {
  if (gaps.empty()) {
    return {};
  }
  const Denied denied = count_denied(gaps);
  if (denied.any && geteuid() != 0) {
    std::vector<std::string> what;
    if (denied.processes > 0) {
      what.push_back(fmt::format("owners and details of {} process{}",
                                 denied.processes,
                                 denied.processes == 1 ? "" : "es"));
    }
    if (denied.hidden > 0) {
      const std::string least = denied.hidden > 1 ? fmt::format("at least {} ", denied.hidden) : "";
      what.push_back(least + "processes that /proc hides (hidepid)");
    }
    if (denied.namespaces) {
      what.emplace_back("sockets of other network namespaces");
    }
    if (denied.rules) {
      what.emplace_back("NAT rules");
    }
    return fmt::format(
        "incomplete: {} could not be read; run as root, or with CAP_SYS_PTRACE, "
        "CAP_DAC_READ_SEARCH and, for other network namespaces, CAP_SYS_ADMIN{}",
        what.empty() ? "some things" : fmt::format("{}", fmt::join(what, ", ")),
        denied.rules ? ", for NAT rules CAP_NET_ADMIN" : "");
  }
  return fmt::format("incomplete: {}{}; sockwitness snapshots tells all",
                     describe(gaps.front()),
                     gaps.size() > 1 ? fmt::format(" and {} more", gaps.size() - 1) : "");
}

void tell_deferred(const RunOutcome& outcome, bool quiet) {
  if (outcome.taken_in > 0 && !quiet) {
    tell(fmt::format("{} snapshot{} that had waited {} recorded now",
                     outcome.taken_in,
                     outcome.taken_in == 1 ? "" : "s",
                     outcome.taken_in == 1 ? "is" : "are"));
  }
  if (outcome.deferred) {
    std::fputs(schema::error_text("sockwitness-recorder", *outcome.deferred).c_str(), stderr);
  }
}

bool is_overdue(const RunOutcome& outcome) {
  constexpr std::int64_t kPatience = 10 * 60 * std::int64_t{1'000'000};
  return outcome.other_began &&
         outcome.began.microseconds - outcome.other_began->microseconds > kPatience;
}

std::string skipped_line(const RunOutcome& outcome) {
  std::string line = "skipped: another run is recording to the same database";
  if (is_overdue(outcome)) {
    line +=
        fmt::format(", since {}; see what keeps it: ps -C sockwitness-rec -o pid,stat,lstart,args",
                    schema::format_utc(*outcome.other_began));
  }
  return line;
}

}  // namespace sockwitness::recorder
