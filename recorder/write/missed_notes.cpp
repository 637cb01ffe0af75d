#include "recorder/write/missed_notes.h"

#include <algorithm>

#include <fmt/format.h>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::MissedKind;
using schema::MissedRun;

constexpr std::size_t kLongestReason = 160;
constexpr std::string_view kCommitted = "committed ";
constexpr std::string_view kWriting = "writing ";

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

std::vector<MissedRun> parse_missed_notes(std::string_view text) {
  std::vector<MissedRun> runs;
  while (!text.empty()) {
    if (auto run = parse_line(schema::scan_until(text, '\n'))) {
      runs.push_back(std::move(*run));
    }
  }
  return runs;
}

std::optional<CommitNote> parse_commit_note(std::string_view text) {
  constexpr std::size_t kArchiveDigits = 32;
  std::string_view line = schema::scan_until(text, '\n');
  const bool writing = schema::scan_literal(line, kWriting);
  if (!writing && !schema::scan_literal(line, kCommitted)) {
    return std::nullopt;
  }
  const auto record = schema::parse_number<std::int64_t>(schema::scan_until(line, ' '));
  const auto changes = schema::parse_number<std::uint32_t>(schema::scan_until(line, ' '));
  const bool is_archive = line.size() == kArchiveDigits &&
                          line.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
  if (!record || *record <= 0 || !changes || !is_archive) {
    return std::nullopt;
  }
  return CommitNote{{std::string(line), *record, *changes}, writing};
}

std::string format_missed_notes(std::vector<MissedRun> runs,
                                const std::optional<CommitNote>& committed) {
  std::string text;
  if (committed) {
    text = fmt::format("{}{} {} {}\n",
                       committed->writing ? kWriting : kCommitted,
                       committed->last.record,
                       committed->last.changes,
                       committed->last.archive);
  }
  for (std::size_t at = 0; at < runs.size(); ++at) {
    std::string line = format_line(runs[at]);
    if (text.size() + line.size() > kMissedNotesSize) {
      // No room: the last run that has a line stands for the rest.
      MissedRun& last = runs[at - 1];
      text.resize(text.size() - format_line(last).size());
      for (; at < runs.size(); ++at) {
        last.count += runs[at].count;
      }
      line = format_line(last);
      text += line.size() + text.size() <= kMissedNotesSize ? line : std::string();
      break;
    }
    text += line;
  }
  text.resize(kMissedNotesSize, '\n');
  return text;
}

}  // namespace sockwitness::recorder
