#include "query/policy/toml_table.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "schema/program/suggest.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

struct TypeWords {
  std::string_view found;     // "a date"
  std::string_view expected;  // "a date, as 2026-12-31"
};

TypeWords words_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::string:
      return {"a text", "a text, as \"words\""};
    case toml::node_type::integer:
      return {"an integer", "an integer, as 443"};
    case toml::node_type::floating_point:
      return {"a number with a fraction", {}};
    case toml::node_type::boolean:
      return {"true or false", "true or false"};
    case toml::node_type::date:
      return {"a date", "a date, as 2026-12-31 without quotes"};
    case toml::node_type::array:
      return {"a list", "a list, as [\"one\", \"two\"]"};
    case toml::node_type::table:
      return {"a table", "a table"};
    default:
      return {"a time of day", {}};
  }
}

std::string mismatch(std::string_view key, const toml::node& found, std::string_view expected) {
  return fmt::format("{} is {}, expected {}", key, words_of(found.type()).found, expected);
}

std::string element_of(std::string_view key) {
  return fmt::format("an element of {}", key);
}

}  // namespace

void TomlTable::expect_keys(std::initializer_list<std::string_view> known) const {
  const toml::key* first = nullptr;
  for (const auto& [key, node] : table_) {
    const bool is_known = std::find(known.begin(), known.end(), key.str()) != known.end();
    if (!is_known &&
        (first == nullptr || toml_place_of(key.source()) < toml_place_of(first->source()))) {
      first = &key;
    }
  }
  if (first == nullptr) {
    return;
  }
  const std::vector<std::string> words(known.begin(), known.end());
  const std::string nearest = schema::nearest_word(std::string(first->str()), words);
  throw refuse_at(
      toml_place_of(first->source()),
      fmt::format("unknown key '{}'{}", first->str(), title_.empty() ? "" : " in " + title_),
      nearest.empty() ? fmt::format("known are: {}", fmt::join(words, ", "))
                      : fmt::format("did you mean '{}'?", nearest));
}

std::optional<std::string> TomlTable::text(std::string_view key) const {
  const toml::node* found = find(key, toml::node_type::string);
  return found == nullptr ? std::nullopt : std::optional(found->as_string()->get());
}

std::string TomlTable::required_text(std::string_view key) const {
  auto found = text(key);
  if (!found) {
    throw refuse_at(place(),
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
  const toml::node* found = find(key, toml::node_type::integer);
  if (found == nullptr) {
    return std::nullopt;
  }
  const std::int64_t integer = found->as_integer()->get();
  if (integer < least || integer > most) {
    throw refuse(key, fmt::format("{} is {}, expected {} to {}", key, integer, least, most));
  }
  return integer;
}

std::optional<bool> TomlTable::flag(std::string_view key) const {
  const toml::node* found = find(key, toml::node_type::boolean);
  return found == nullptr ? std::nullopt : std::optional(found->as_boolean()->get());
}

std::optional<std::chrono::year_month_day> TomlTable::date(std::string_view key) const {
  const toml::node* found = find(key, toml::node_type::date);
  if (found == nullptr) {
    return std::nullopt;
  }
  const toml::date& date = found->as_date()->get();
  return std::chrono::year(date.year) / std::chrono::month(date.month) / std::chrono::day(date.day);
}

std::vector<std::string> TomlTable::texts(std::string_view key) const {
  const toml::node* found = find(key);
  if (found == nullptr) {
    return {};
  }
  if (found->is_string()) {
    return {found->as_string()->get()};
  }
  if (!found->is_array()) {
    throw refuse(key, mismatch(key, *found, "a text or a list of texts"));
  }
  std::vector<std::string> texts;
  for (const toml::node& item : *found->as_array()) {
    if (!item.is_string()) {
      throw refuse_at(toml_place_of(item.source()), mismatch(element_of(key), item, "a text"), {});
    }
    texts.push_back(item.as_string()->get());
  }
  return texts;
}

std::optional<std::variant<std::int64_t, std::string>> TomlTable::integer_or_text(
    std::string_view key) const {
  const toml::node* found = find(key);
  if (found == nullptr) {
    return std::nullopt;
  }
  if (found->is_integer()) {
    return found->as_integer()->get();
  }
  if (!found->is_string()) {
    throw refuse(key, mismatch(key, *found, "an integer or a text"));
  }
  return found->as_string()->get();
}

std::vector<std::variant<std::int64_t, std::string>> TomlTable::integers_or_texts(
    std::string_view key) const {
  const toml::node* found = find(key);
  if (found == nullptr) {
    return {};
  }
  if (!found->is_array()) {
    return {*integer_or_text(key)};
  }
  std::vector<std::variant<std::int64_t, std::string>> values;
  for (const toml::node& item : *found->as_array()) {
    if (item.is_integer()) {
      values.emplace_back(item.as_integer()->get());
    } else if (item.is_string()) {
      values.emplace_back(item.as_string()->get());
    } else {
      throw refuse_at(toml_place_of(item.source()),
                      mismatch(element_of(key), item, "an integer or a text"),
                      {});
    }
  }
  return values;
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) const {
  const toml::node* found = find(key);
  if (found == nullptr) {
    return {};
  }
  const std::string title = fmt::format("[[{}]]", key);
  if (!found->is_array()) {
    throw refuse(
        key, mismatch(key, *found, "tables"), fmt::format("begin each with a line: {}", title));
  }
  std::vector<TomlTable> tables;
  for (const toml::node& item : *found->as_array()) {
    if (!item.is_table()) {
      throw refuse_at(toml_place_of(item.source()),
                      mismatch(element_of(key), item, "a table"),
                      fmt::format("begin each with a line: {}", title));
    }
    tables.emplace_back(file_, *item.as_table(), title);
  }
  return tables;
}

std::uint32_t TomlTable::text_line(std::string_view key) const {
  const toml::node* found = find(key);
  return found == nullptr ? place().line : file_.content_line(*found);
}

Error TomlTable::refuse(std::string_view key, std::string_view reason, std::string hint) const {
  const toml::node* found = find(key);
  return refuse_at(
      found == nullptr ? place() : toml_place_of(found->source()), reason, std::move(hint));
}

std::size_t TomlTable::size() const {
  return table_.size();
}

TomlPlace TomlTable::place() const {
  return toml_place_of(table_.source());
}

const toml::node* TomlTable::find(std::string_view key) const {
  return table_.get(key);
}

const toml::node* TomlTable::find(std::string_view key, toml::node_type type) const {
  const toml::node* found = find(key);
  if (found != nullptr && found->type() != type) {
    throw refuse(key, mismatch(key, *found, words_of(type).expected));
  }
  return found;
}

Error TomlTable::refuse_at(TomlPlace place, std::string_view reason, std::string hint) const {
  return {ExitCode::Usage,
          fmt::format("reading '{}:{}:{}': {}", source(), place.line, place.column, reason),
          std::move(hint)};
}

}  // namespace sockwitness::query
