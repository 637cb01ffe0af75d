#include "query/rules/rule_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/policy/toml_table.h"
#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";

bool is_digits(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "T1059" or "T1059.004".
bool is_technique(std::string_view text) {
  const auto dot = text.find('.');
  return text.starts_with('T') && is_digits(text.substr(1, dot - (dot == text.npos ? 0 : 1)), 4) &&
         (dot == std::string_view::npos || is_digits(text.substr(dot + 1), 3));
}

std::optional<std::string> read_words(const TomlTable& table, std::string_view key) {
  return table.has(key) ? std::optional(table.required_text(key)) : std::nullopt;
}

std::optional<std::string> read_id(const TomlTable& table) {
  const auto id = read_words(table, "id");
  if (id && id->find_first_not_of(kLetters) != std::string::npos) {
    throw table.refuse("id", "id is made of other letters than a-z, 0-9 and '-'");
  }
  return id;
}

std::optional<Severity> read_severity(const TomlTable& table) {
  const auto word = table.text("severity");
  if (!word) {
    return std::nullopt;
  }
  const auto severity = parse_severity(*word);
  if (!severity) {
    throw table.refuse("severity",
                       fmt::format("unknown severity '{}'", *word),
                       "known are: info, low, medium, high, critical");
  }
  return severity;
}

std::optional<std::vector<std::string>> read_list(const TomlTable& table, std::string_view key) {
  return table.has(key) ? std::optional(table.texts(key)) : std::nullopt;
}

std::optional<std::vector<std::string>> read_techniques(const TomlTable& table) {
  auto techniques = read_list(table, "attack");
  for (const std::string& technique : techniques.value_or(std::vector<std::string>())) {
    if (!is_technique(technique)) {
      throw table.refuse("attack",
                         fmt::format("'{}' is no ATT&CK technique", technique),
                         "write them as \"T1059\" or \"T1059.004\"");
    }
  }
  return techniques;
}

std::optional<std::vector<std::string>> read_acceptance_parts(const TomlTable& table) {
  auto parts = read_list(table, "accept");
  const auto& known = acceptance_parts();
  for (const std::string& part : parts.value_or(std::vector<std::string>())) {
    if (std::find(known.begin(), known.end(), part) == known.end()) {
      throw table.refuse("accept",
                         fmt::format("an acceptance has no '{}'", part),
                         schema::unknown_word("accept", part, known).hint());
    }
  }
  return parts;
}

}  // namespace

RuleFile parse_rule_file(const RuleText& file) {
  const TomlFile parsed(file.source, file.text);
  const TomlTable table = parsed.root();
  table.expect_keys({"id",
                     "title",
                     "severity",
                     "attack",
                     "explanation",
                     "benign",
                     "accept",
                     "sql",
                     "enabled",
                     "disable"});
  RuleFile rule;
  rule.source = file.source;
  rule.id = read_id(table);
  rule.title = read_words(table, "title");
  rule.severity = read_severity(table);
  rule.attack = read_techniques(table);
  rule.explanation = read_words(table, "explanation");
  rule.benign = read_list(table, "benign");
  rule.accept = read_acceptance_parts(table);
  rule.sql = read_words(table, "sql");
  rule.sql_line = table.text_line("sql");
  rule.enabled = table.flag("enabled");
  rule.disable = table.texts("disable");
  if (!rule.id && (table.size() != 1 || rule.disable.empty())) {
    throw table.refuse("id",
                       "there is no 'id'",
                       "a file holds one rule with its id, or nothing but: disable = [\"…\"]");
  }
  return rule;
}

const std::vector<std::string>& acceptance_parts() {
  static const std::vector<std::string> parts{"program", "port", "user"};
  return parts;
}

}  // namespace sockwitness::query
