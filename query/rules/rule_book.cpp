#include "query/rules/rule_book.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

// FNV-1a, 64 bit: tells versions apart, proves nothing.
class Digest {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) {
      mix(static_cast<unsigned char>(byte));
    }
    mix(0xff);  // no byte of UTF-8: parts keep their borders
  }
  void add(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      add(text);
    }
    mix(0xfe);
  }
  [[nodiscard]] std::string text() const { return fmt::format("{:016x}", value_); }

 private:
  void mix(std::uint8_t byte) { value_ = (value_ ^ byte) * 1099511628211ULL; }

  std::uint64_t value_ = 14695981039346656037ULL;
};

template <class T>
void change(T& field, const std::optional<T>& value) {
  if (value) {
    field = *value;
  }
}

// What a new rule has to say; an override may leave it to the rule that it changes.
void require(const RuleFile& file) {
  const auto need = [&](bool given, std::string_view key) {
    if (!given) {
      throw Error(
          ExitCode::Usage,
          fmt::format("reading '{}': the rule '{}' has no '{}'", file.source, *file.id, key),
          "a new rule needs id, title, severity, explanation and sql");
    }
  };
  need(file.title.has_value(), "title");
  need(file.severity.has_value(), "severity");
  need(file.explanation.has_value(), "explanation");
  need(file.sql.has_value(), "sql");
}

}  // namespace

RuleBook::RuleBook(std::span<const RuleText> builtin, std::span<const RuleText> site) {
  for (const auto& texts : {builtin, site}) {
    for (const RuleText& text : texts) {
      take(text);
    }
  }
}

const Rule* RuleBook::find(std::string_view id) const {
  const auto found =
      std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.id == id; });
  return found == rules_.end() ? nullptr : &*found;
}

std::vector<std::string> RuleBook::ids() const {
  std::vector<std::string> ids;
  for (const Rule& rule : rules_) {
    ids.push_back(rule.id);
  }
  return ids;
}

std::string RuleBook::version() const {
  Digest digest;
  for (const Rule& rule : rules_) {
    if (!rule.enabled) {
      continue;
    }
    digest.add(rule.id);
    digest.add(rule.title);
    digest.add(severity_word(rule.severity));
    digest.add(rule.attack);
    digest.add(rule.explanation);
    digest.add(rule.benign);
    digest.add(rule.accept);
    digest.add(rule.sql);
  }
  return digest.text();
}

void RuleBook::take(const RuleText& text) {
  try {
    const RuleFile file = parse_rule_file(text);
    if (file.id) {
      apply(file);
    }
    disable(file);
  } catch (const Error& error) {
    problems_.push_back(error);
  }
}

void RuleBook::apply(const RuleFile& file) {
  const auto place = std::lower_bound(
      rules_.begin(), rules_.end(), *file.id, [](const Rule& rule, const std::string& id) {
        return rule.id < id;
      });
  const bool known = place != rules_.end() && place->id == *file.id;
  if (!known) {
    require(file);
  }
  Rule rule = known ? *place : Rule{};
  rule.id = *file.id;
  change(rule.title, file.title);
  change(rule.severity, file.severity);
  change(rule.attack, file.attack);
  change(rule.explanation, file.explanation);
  change(rule.benign, file.benign);
  change(rule.accept, file.accept);
  change(rule.enabled, file.enabled);
  change(rule.sql, file.sql);
  if (file.sql) {
    rule.source = file.source;
    rule.line = file.sql_line;
  }
  if (known) {
    *place = std::move(rule);
  } else {
    rules_.insert(place, std::move(rule));
  }
}

void RuleBook::disable(const RuleFile& file) {
  for (const std::string& id : file.disable) {
    const auto rule = std::find_if(
        rules_.begin(), rules_.end(), [&](const Rule& known) { return known.id == id; });
    if (rule != rules_.end()) {
      rule->enabled = false;
      continue;
    }
    problems_.emplace_back(
        ExitCode::Usage,
        fmt::format("reading '{}': disabling '{}': there is no such rule", file.source, id),
        schema::unknown_word("rule", id, ids()).hint());
  }
}

}  // namespace sockwitness::query
