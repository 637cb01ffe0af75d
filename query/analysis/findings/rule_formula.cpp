#include "query/analysis/findings/rule_formula.h"

#include <optional>
#include <string_view>

namespace sockwitness::query {
namespace {

// Longer ones are for those who read SQL.
constexpr std::size_t kLongestCondition = 160;

// Between two quotes, of which two in a row stand for one.
std::string read_literal(std::string_view sql, std::size_t& at) {
  std::string text;
  for (++at; at < sql.size(); ++at) {
    if (sql[at] != '\'') {
      text += sql[at];
    } else if (at + 1 < sql.size() && sql[at + 1] == '\'') {
      text += sql[++at];
    } else {
      break;
    }
  }
  return text;
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char letter : text) {
    const bool blank = letter == ' ' || letter == '\n';
    if (!blank) {
      line += letter;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) {
    line.pop_back();
  }
  return line.size() <= kLongestCondition ? line : line.substr(0, kLongestCondition) + " …";
}

// What stands between "WHEN" and the "THEN" or "ELSE" before the literal; nothing where none does.
std::optional<std::string> condition_before(std::string_view sql, std::size_t literal) {
  std::string_view before = sql.substr(0, literal);
  while (before.ends_with(' ') || before.ends_with('\n')) {
    before.remove_suffix(1);
  }
  if (before.ends_with("ELSE")) {
    return "otherwise";
  }
  if (!before.ends_with("THEN")) {
    return std::nullopt;
  }
  before.remove_suffix(4);
  const auto when = before.rfind("WHEN ");
  return when == std::string_view::npos ? std::optional<std::string>()
                                        : on_one_line(before.substr(when + 5));
}

}  // namespace

std::vector<FormulaCase> formula_of(const Rule& rule) {
  std::vector<FormulaCase> cases;
  const std::string_view sql = rule.sql;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] == '-' && sql.substr(at, 2) == "--") {
      at = sql.find('\n', at);
      if (at == std::string_view::npos) {
        break;
      }
    } else if (sql[at] == '\'') {
      const std::size_t begin = at;
      const std::string text = read_literal(sql, at);
      const auto colon = text.find(": ");
      const auto severity = parse_severity(text.substr(0, colon));
      const auto condition = severity ? condition_before(sql, begin) : std::nullopt;
      if (condition) {
        cases.push_back(
            {*severity, colon == std::string::npos ? *condition : text.substr(colon + 2)});
      }
    }
  }
  return cases;
}

}  // namespace sockwitness::query
