#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "recorder/app/commands.h"
#include "schema/base/escape.h"

namespace sockwitness::recorder {
namespace {

std::string describe(const schema::Gap& gap) {
  std::string text = fmt::format(
      "{} {}", schema::gap_source_word(gap.source), schema::gap_reason_word(gap.reason));
  if (!gap.object.empty()) {
    text += fmt::format(" ({})", schema::escape_terminal(gap.object));
  }
  if (gap.count > 1) {
    text += fmt::format(" x{}", gap.count);
  } else if (gap.pid) {
    text += fmt::format(" of process {}", gap.pid->value());
  }
  return text;
}

}  // namespace

std::string summary_line(const WrittenSnapshot& written) {
  const schema::SnapshotInfo& info = written.info;
  const std::string gaps = info.complete() ? ""
                                           : fmt::format("  incomplete: {} gap{}",
                                                         info.totals.gaps,
                                                         info.totals.gaps == 1 ? "" : "s");
  return fmt::format(
      "snapshot {}  {}  {} listening  {} connected  {} processes  +{} -{}  {} ms{}\n",
      info.seq.value(),
      schema::format_utc(info.begin.wall),
      info.totals.listening,
      info.totals.connected,
      info.totals.processes,
      written.new_listening,
      written.gone_listening,
      (info.cost.wall_us + 500) / 1000,
      gaps);
}

std::string missing_line(const std::vector<schema::Gap>& gaps) {
  if (gaps.empty()) {
    return {};
  }
  const auto is_permission = [](const schema::Gap& gap) {
    return gap.reason == schema::GapReason::Permission;
  };
  const auto denied = std::find_if(gaps.begin(), gaps.end(), is_permission);
  if (denied != gaps.end() && geteuid() != 0) {
    std::uint32_t processes = 0;
    for (const schema::Gap& gap : gaps) {
      processes = std::max(processes, is_permission(gap) ? gap.count : 0);
    }
    return fmt::format(
        "incomplete: owners and details of {} processes of other users were not readable; run as "
        "root, or with "
        "CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH and, for other network namespaces, CAP_SYS_ADMIN\n",
        processes);
  }
  return fmt::format("incomplete: {}{}; sockwitness snapshots tells all\n",
                     describe(gaps.front()),
                     gaps.size() > 1 ? fmt::format(" and {} more", gaps.size() - 1) : "");
}

}  // namespace sockwitness::recorder
