#include "recorder/write/lock_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::MissedKind;
using schema::MissedRun;
using Stage = RunMark::Stage;

constexpr std::size_t kLongestMissedReason = 160;
constexpr std::string_view kRunning = "running ";
constexpr std::string_view kUnsettled = "unsettled ";
constexpr std::array<std::pair<Stage, std::string_view>, 3> kStages{
    {{Stage::Looking, "looking"}, {Stage::Writing, "writing"}, {Stage::Spooling, "spooling "}}};

std::optional<MissedKind> parse_kind(std::string_view word) {
  for (const MissedKind kind : {MissedKind::Skipped, MissedKind::Failed, MissedKind::Late}) {
    if (schema::missed_kind_word(kind) == word) {
      return kind;
    }
  }
  return std::nullopt;
}

std::optional<MissedRun> parse_missed_run(std::string_view line) {
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
  std::string reason = run.reason.substr(0, kLongestMissedReason);
  std::replace_if(
      reason.begin(), reason.end(), [](char byte) { return byte == '\n' || byte == '\0'; }, ' ');
  return fmt::format(
      "{} {} {} {}\n", run.at.microseconds, schema::missed_kind_word(run.kind), run.count, reason);
}

std::optional<RunMark> parse_mark(std::string_view line, std::string_view head) {
  if (!schema::scan_literal(line, head)) {
    return std::nullopt;
  }
  const auto at = schema::parse_number<std::int64_t>(schema::scan_until(line, ' '));
  const auto boot = schema::parse_number<std::int64_t>(schema::scan_until(line, ' '));
  if (!at || !boot) {
    return std::nullopt;
  }
  for (const auto& [stage, word] : kStages) {
    if (schema::scan_literal(line, word)) {
      RunMark mark{schema::WallTime{*at}, schema::BootTime{*boot}, stage, 0};
      if (stage == Stage::Spooling) {
        const auto spool = schema::parse_number<std::uint32_t>(line);
        if (!spool) {
          return std::nullopt;
        }
        mark.spool = *spool;
        return mark;
      }
      return line.empty() ? std::optional(mark) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::string format_mark(std::string_view head, const RunMark& mark) {
  const auto word = std::find_if(
      kStages.begin(), kStages.end(), [&](const auto& known) { return known.first == mark.stage; });
  return fmt::format("{}{} {} {}{}\n",
                     head,
                     mark.at.microseconds,
                     mark.since_boot.nanoseconds,
                     word->second,
                     mark.stage == Stage::Spooling ? std::to_string(mark.spool) : std::string());
}

// False: the line says nothing that is known.
bool read_line(std::string_view line, LockText& content) {
  if (auto commit = schema::parse_commit_note(line); commit && !content.committed) {
    content.committed = std::move(commit);
    return true;
  }
  if (const auto mark = parse_mark(line, kRunning); mark && !content.running) {
    content.running = mark;
    return true;
  }
  if (const auto mark = parse_mark(line, kUnsettled); mark && !content.unsettled) {
    content.unsettled = mark;
    return true;
  }
  if (auto run = parse_missed_run(line)) {
    content.missed.push_back(std::move(*run));
    return true;
  }
  return false;
}

}  // namespace

LockText parse_lock_text(std::string_view text) {
  LockText content;
  while (!text.empty()) {
    const std::string_view line = schema::scan_until(text, '\n');
    content.unreadable += line.empty() || read_line(line, content) ? 0U : 1U;
  }
  return content;
}

void account_for_damage(LockText& content, schema::WallTime when) {
  if (content.unreadable > 0) {
    content.missed.push_back({when,
                              MissedKind::Failed,
                              std::exchange(content.unreadable, 0),
                              "lines of the lock file were damaged: what they told of is not known",
                              {}});
  }
}

std::string format_lock_text(LockText content) {
  auto& missed = content.missed;
  std::string text;
  if (const auto& committed = content.committed) {
    text = schema::format_commit_note(*committed) + '\n';
  }
  if (content.running) {
    text += format_mark(kRunning, *content.running);
  }
  if (content.unsettled) {
    text += format_mark(kUnsettled, *content.unsettled);
  }
  for (std::size_t at = 0; at < missed.size(); ++at) {
    std::string line = format_line(missed[at]);
    if (text.size() + line.size() > kLockTextSize) {
      // No room: the last run that has a line stands for the rest.
      MissedRun& last = missed[at - 1];
      text.resize(text.size() - format_line(last).size());
      for (; at < missed.size(); ++at) {
        last.count += missed[at].count;
      }
      const std::size_t room = kLockTextSize - text.size();
      line = format_line(last);
      if (line.size() > room) {  // its count has a digit more now
        line = line.substr(0, room - 1) + "\n";
      }
      text += line;
      break;
    }
    text += line;
  }
  text.resize(kLockTextSize, '\n');
  return text;
}

}  // namespace sockwitness::recorder
