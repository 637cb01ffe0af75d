#include "query/policy/toml_table.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/base/suggest.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

struct KindWords {
  std::string_view found;     // "a date"
  std::string_view expected;  // "a date, as 2026-12-31"
};

KindWords words_of(TomlKind kind) {
  switch (kind) {
    case TomlKind::Text:
      return {"a text", "a text, as \"words\""};
    case TomlKind::Integer:
      return {"an integer", "an integer, as 443"};
    case TomlKind::Fraction:
      return {"a number with a fraction", {}};
    case TomlKind::Flag:
      return {"true or false", "true or false"};
    case TomlKind::Date:
      return {"a date", "a date, as 2026-12-31 without quotes"};
    case TomlKind::Time:
      return {"a time of day", {}};
    case TomlKind::List:
      return {"a list", "a list, as [\"one\", \"two\"]"};
    case TomlKind::Table:
      break;
  }
  return {"a table", "a table"};
}

std::string mismatch(std::string_view key, TomlKind found, std::string_view expected) {
  return fmt::format("{} is {}, expected {}", key, words_of(found).found, expected);
}

}  // namespace

TomlTable::TomlTable(const TomlValue& value, std::string source, std::string title)
    : value_(value), source_(std::move(source)), title_(std::move(title)) {
}

void TomlTable::expect_keys(std::initializer_list<std::string_view> known) const {
  for (const TomlKey& key : value_.keys) {
    if (std::find(known.begin(), known.end(), key.name) != known.end()) {
      continue;
    }
    const std::vector<std::string> words(known.begin(), known.end());
    const std::string nearest = schema::nearest_word(key.name, words);
    throw refuse_at(
        key.place,
        fmt::format("unknown key '{}'{}", key.name, title_.empty() ? "" : " in " + title_),
        nearest.empty() ? fmt::format("known are: {}", fmt::join(words, ", "))
                        : fmt::format("did you mean '{}'?", nearest));
  }
}

std::optional<std::string> TomlTable::text(std::string_view key) const {
  const TomlValue* found = find(key, TomlKind::Text);
  return found == nullptr ? std::nullopt : std::optional(found->text);
}

std::string TomlTable::required_text(std::string_view key) const {
  auto found = text(key);
  if (!found) {
    throw refuse_at(value_.place,
                    title_.empty() ? fmt::format("there is no '{}'", key)
                                   : fmt::format("{} has no '{}'", title_, key),
                    fmt::format("add a line: {} = \"…\"", key));
  }
  if (found->find_first_not_of(" \t\r\n") == std::string::npos) {
    throw refuse(key, fmt::format("{} is empty", key));
  }
  return std::move(*found);
}

std::optional<std::int64_t> TomlTable::integer(std::string_view key,
                                               std::int64_t least,
                                               std::int64_t most) const {
  const TomlValue* found = find(key, TomlKind::Integer);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (found->integer < least || found->integer > most) {
    throw refuse(key, fmt::format("{} is {}, expected {} to {}", key, found->integer, least, most));
  }
  return found->integer;
}

std::optional<bool> TomlTable::flag(std::string_view key) const {
  const TomlValue* found = find(key, TomlKind::Flag);
  return found == nullptr ? std::nullopt : std::optional(found->flag);
}

std::optional<std::chrono::year_month_day> TomlTable::date(std::string_view key) const {
  const TomlValue* found = find(key, TomlKind::Date);
  return found == nullptr ? std::nullopt : std::optional(found->date);
}

std::vector<std::string> TomlTable::texts(std::string_view key) const {
  const TomlValue* found = find(key);
  if (found == nullptr) {
    return {};
  }
  if (found->kind == TomlKind::Text) {
    return {found->text};
  }
  constexpr std::string_view kExpected = "a text or a list of texts";
  if (found->kind != TomlKind::List) {
    throw refuse(key, mismatch(key, found->kind, kExpected));
  }
  std::vector<std::string> texts;
  for (const TomlValue& item : found->items) {
    if (item.kind != TomlKind::Text) {
      throw refuse_at(
          item.place, mismatch(fmt::format("an element of {}", key), item.kind, "a text"), {});
    }
    texts.push_back(item.text);
  }
  return texts;
}

std::optional<std::variant<std::int64_t, std::string>> TomlTable::integer_or_text(
    std::string_view key) const {
  const TomlValue* found = find(key);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (found->kind == TomlKind::Integer) {
    return found->integer;
  }
  if (found->kind != TomlKind::Text) {
    throw refuse(key, mismatch(key, found->kind, "an integer or a text"));
  }
  return found->text;
}

std::vector<std::variant<std::int64_t, std::string>> TomlTable::integers_or_texts(
    std::string_view key) const {
  const TomlValue* found = find(key);
  if (found == nullptr) {
    return {};
  }
  if (found->kind != TomlKind::List) {
    return {*integer_or_text(key)};
  }
  std::vector<std::variant<std::int64_t, std::string>> values;
  for (const TomlValue& item : found->items) {
    if (item.kind == TomlKind::Integer) {
      values.emplace_back(item.integer);
    } else if (item.kind == TomlKind::Text) {
      values.emplace_back(item.text);
    } else {
      throw refuse_at(
          item.place,
          mismatch(fmt::format("an element of {}", key), item.kind, "an integer or a text"),
          {});
    }
  }
  return values;
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) const {
  const TomlValue* found = find(key);
  if (found == nullptr) {
    return {};
  }
  const std::string title = fmt::format("[[{}]]", key);
  if (found->kind != TomlKind::List) {
    throw refuse(key,
                 mismatch(key, found->kind, "tables"),
                 fmt::format("begin each with a line: {}", title));
  }
  std::vector<TomlTable> tables;
  for (const TomlValue& item : found->items) {
    if (item.kind != TomlKind::Table) {
      throw refuse_at(item.place,
                      mismatch(fmt::format("an element of {}", key), item.kind, "a table"),
                      fmt::format("begin each with a line: {}", title));
    }
    tables.emplace_back(item, source_, title);
  }
  return tables;
}

std::uint32_t TomlTable::text_line(std::string_view key) const {
  const TomlValue* found = find(key);
  return found == nullptr ? value_.place.line : found->text_line;
}

Error TomlTable::refuse(std::string_view key, std::string_view reason, std::string hint) const {
  const TomlValue* found = find(key);
  return refuse_at(found == nullptr ? value_.place : found->place, reason, std::move(hint));
}

const TomlValue* TomlTable::find(std::string_view key) const {
  for (std::size_t at = 0; at < value_.keys.size(); ++at) {
    if (value_.keys[at].name == key) {
      return &value_.items[at];
    }
  }
  return nullptr;
}

const TomlValue* TomlTable::find(std::string_view key, TomlKind kind) const {
  const TomlValue* found = find(key);
  if (found != nullptr && found->kind != kind) {
    throw refuse(key, mismatch(key, found->kind, words_of(kind).expected));
  }
  return found;
}

Error TomlTable::refuse_at(TomlPlace place, std::string_view reason, std::string hint) const {
  return {ExitCode::Usage,
          fmt::format("reading '{}:{}:{}': {}", source_, place.line, place.column, reason),
          std::move(hint)};
}

}  // namespace sockwitness::query
