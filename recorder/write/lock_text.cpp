#include "recorder/write/lock_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::MissedKind;
using schema::MissedRun;

constexpr std::size_t kLongestReason = 160;

std::optional<MissedKind> parse_kind(std::string_view word) {
  for (const MissedKind kind : {MissedKind::Skipped, MissedKind::Failed, MissedKind::Late}) {
    if (schema::missed_kind_word(kind) == word) {
      return kind;
    }
  }
  return std::nullopt;
}

std::optional<MissedRun> parse_line(std::string_view line) {
  MissedRun run;
  const auto at = schema::parse_number<std::int64_t>(schema::scan_until(line, ' '));
  const auto kind = parse_kind(schema::scan_until(line, ' '));
  const auto count = schema::parse_number<std::uint32_t>(schema::scan_until(line, ' '));
  if (!at || !kind || !count || *count == 0) {
    return std::nullopt;
  }
  run.at = schema::WallTime{*at};
  run.kind = *kind;
  run.count = *count;
  run.reason = line;
  return run;
}

std::string format_line(const MissedRun& run) {
  std::string reason = run.reason.substr(0, kLongestReason);
  std::replace_if(
      reason.begin(), reason.end(), [](char byte) { return byte == '\n' || byte == '\0'; }, ' ');
  return fmt::format(
      "{} {} {} {}\n", run.at.microseconds, schema::missed_kind_word(run.kind), run.count, reason);
}

}  // namespace

LockText parse_lock_text(std::string_view text) {
  LockText content;
  std::string_view first = text;
  content.committed = schema::parse_commit_note(schema::scan_until(first, '\n'));
  while (!text.empty()) {
    if (auto run = parse_line(schema::scan_until(text, '\n'))) {
      content.missed.push_back(std::move(*run));
    }
  }
  return content;
}

std::string format_lock_text(LockText content) {
  const auto& [committed, missed] = content;
  std::string text;
  if (committed) {
    text = schema::format_commit_note(*committed) + '\n';
  }
  for (std::size_t at = 0; at < missed.size(); ++at) {
    std::string line = format_line(missed[at]);
    if (text.size() + line.size() > kLockTextSize) {
      // No room: the last run that has a line stands for the rest.
      MissedRun& last = content.missed[at - 1];
      text.resize(text.size() - format_line(last).size());
      for (; at < missed.size(); ++at) {
        last.count += missed[at].count;
      }
      line = format_line(last);
      text += line.size() + text.size() <= kLockTextSize ? line : std::string();
      break;
    }
    text += line;
  }
  text.resize(kLockTextSize, '\n');
  return text;
}

}  // namespace sockwitness::recorder
