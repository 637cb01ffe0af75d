#include "query/alert/alert_state.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/chain/checked_text.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::WallTime;

constexpr std::string_view kHead = "sockwitness-alert 1\n";
constexpr std::size_t kHashDigits = 32;
constexpr std::string_view kSituationKinds[] = {"finding", "account", "view", "problem"};

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char digit) {
    return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f');
  });
}

std::optional<std::string> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0 || !is_hex(text)) {
    return std::nullopt;
  }
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    bytes += static_cast<char>(value(text[at]) * 16 + value(text[at + 1]));
  }
  return bytes;
}

std::optional<SituationKind> parse_kind(std::string_view word) {
  const auto found = std::find(std::begin(kSituationKinds), std::end(kSituationKinds), word);
  return found == std::end(kSituationKinds)
             ? std::nullopt
             : std::optional(static_cast<SituationKind>(found - std::begin(kSituationKinds)));
}

std::optional<std::vector<std::string>> parse_keys(std::string_view text) {
  std::vector<std::string> keys;
  while (!text.empty()) {
    keys.emplace_back(schema::scan_until(text, ','));
    if (keys.back().size() != kHashDigits || !is_hex(keys.back())) {
      return std::nullopt;
    }
  }
  return keys.empty() ? std::nullopt : std::optional(std::move(keys));
}

// "KIND SEVERITY SINCE KEY,KEY WORDS"
bool take_open(std::string_view rest, AlertState& state) {
  const auto kind = parse_kind(schema::scan_until(rest, ' '));
  const auto severity = parse_severity(schema::scan_until(rest, ' '));
  const auto since = schema::parse_number<std::int64_t>(schema::scan_until(rest, ' '));
  auto keys = parse_keys(schema::scan_until(rest, ' '));
  const auto words = parse_hex(rest);
  if (!kind || !severity || !since || !keys || !words) {
    return false;
  }
  state.open.push_back({*kind, std::move(*keys), *severity, WallTime{*since}, *words});
  return true;
}

std::optional<Seq> parse_seq(std::string_view text) {
  const auto number = schema::parse_number<std::int64_t>(text);
  return number && *number > 0 ? std::optional(Seq(*number)) : std::nullopt;
}

bool take_mark(std::string_view rest, AlertState& state) {
  const auto seq = parse_seq(schema::scan_until(rest, ' '));
  const auto began = schema::parse_number<std::int64_t>(rest);
  if (!seq || !began || (!state.marks.empty() && *seq <= state.last())) {
    return false;
  }
  state.marks.push_back({*seq, WallTime{*began}});
  return true;
}

bool take_line(std::string_view line, AlertState& state) {
  const std::string_view word = schema::scan_until(line, ' ');
  if (word == "archive") {
    state.archive = line;
    return !line.empty() && is_hex(line);
  }
  if (word == "mark") {
    return take_mark(line, state);
  }
  if (word == "from") {
    state.from = parse_seq(line).value_or(Seq(0));
    return state.from > Seq(0);
  }
  if (word == "missed") {
    const auto count = schema::parse_number<std::uint32_t>(line);
    state.missed = count.value_or(0);
    return count.has_value();
  }
  if (word == "silent") {
    state.silent = parse_seq(line);
    return state.silent.has_value();
  }
  if (word == "told") {
    return line.size() == kHashDigits && is_hex(line) && state.reported.emplace(line).second;
  }
  return word == "open" && take_open(line, state);
}

}  // namespace

bool OpenSituation::has(const std::string& key) const {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::string write_alert_state(const AlertState& state) {
  std::string text(kHead);
  text += fmt::format("archive {}\n", state.archive);
  for (const AlertMark& mark : state.marks) {
    text += fmt::format("mark {} {}\n", mark.seq.value(), mark.began.microseconds);
  }
  text += fmt::format("from {}\nmissed {}\n", state.from.value(), state.missed);
  if (state.silent) {
    text += fmt::format("silent {}\n", state.silent->value());
  }
  for (const std::string& hash : state.reported) {
    text += fmt::format("told {}\n", hash);
  }
  for (const OpenSituation& open : state.open) {
    text += fmt::format("open {} {} {} {} {}\n",
                        kSituationKinds[static_cast<std::size_t>(open.kind)],
                        severity_word(open.severity),
                        open.since.microseconds,
                        fmt::join(open.keys, ","),
                        schema::hex(open.words));
  }
  return schema::with_check(std::move(text));
}

std::optional<AlertState> parse_alert_state(std::string_view text) {
  const auto content = schema::open_checked(text, kHead);
  if (!content) {
    return std::nullopt;
  }
  AlertState state;
  std::string_view lines = *content;
  while (!lines.empty()) {
    if (!take_line(schema::scan_until(lines, '\n'), state)) {
      return std::nullopt;
    }
  }
  const bool complete = !state.archive.empty() && !state.marks.empty() && state.from > Seq(0) &&
                        state.from <= state.last();
  return complete ? std::optional(std::move(state)) : std::nullopt;
}

std::string situation_hash(std::string_view kind, const std::vector<std::string>& parts) {
  std::string bytes(kind);
  for (const std::string& part : parts) {
    bytes += fmt::format("\n{}\n", part.size()) + part;
  }
  return schema::hex(schema::sha256(bytes)).substr(0, kHashDigits);
}

}  // namespace sockwitness::query
