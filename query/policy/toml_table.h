// Typed and checked reading of one TOML table.
//
// In:    a table of a parsed file, and what the table is called in messages.
// Out:   values of the type that was asked for; a schema::Error (Usage) that names file, line,
//        column, what was found and what was expected.
// Never: converts types, ignores an unknown key, or fills in a default.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "query/policy/toml_file.h"
#include "schema/base/error.h"

namespace sockwitness::query {

class TomlTable {
 public:
  // Both outlive this. `title` as people write it: "[[accept]]"; empty for the root.
  TomlTable(const TomlFile& file, const toml::table& table, std::string title)
      : file_(file), table_(table), title_(std::move(title)) {}

  // Refuses every key that is not among `known`, with the nearest one. Call it first: nothing is
  // applied from a table with a misspelt key.
  void expect_keys(std::initializer_list<std::string_view> known) const;

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  // Nothing when the key is not there. An empty text is a text.
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  // Refuses a missing key, and a text without a letter: a reason of blanks is none.
  [[nodiscard]] std::string required_text(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key,
                                                    std::int64_t least,
                                                    std::int64_t most) const;
  [[nodiscard]] std::optional<bool> flag(std::string_view key) const;
  [[nodiscard]] std::optional<std::chrono::year_month_day> date(std::string_view key) const;
  // One text, or a list of texts; empty when the key is not there.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] std::optional<std::variant<std::int64_t, std::string>> integer_or_text(
      std::string_view key) const;
  // One integer or text, or a list of them; empty when the key is not there.
  [[nodiscard]] std::vector<std::variant<std::int64_t, std::string>> integers_or_texts(
      std::string_view key) const;
  // The tables of [[key]]; empty when the key is not there.
  [[nodiscard]] std::vector<TomlTable> tables(std::string_view key) const;

  // The line on which the content of a text begins; the table's own for a key that is not there.
  [[nodiscard]] std::uint32_t text_line(std::string_view key) const;
  [[nodiscard]] TomlPlace place() const;
  [[nodiscard]] const std::string& source() const { return file_.source(); }

  // For what only the reader of a key knows: "reading 'FILE:3:8': REASON". At the table's own
  // place when the key is not there.
  [[nodiscard]] schema::Error refuse(std::string_view key,
                                     std::string_view reason,
                                     std::string hint = {}) const;

 private:
  [[nodiscard]] const toml::node* find(std::string_view key) const;
  // The value when it is there and of that type; throws when it is of another.
  [[nodiscard]] const toml::node* find(std::string_view key, toml::node_type type) const;
  [[nodiscard]] schema::Error refuse_at(TomlPlace place,
                                        std::string_view reason,
                                        std::string hint) const;

  const TomlFile& file_;
  const toml::table& table_;
  std::string title_;
};

}  // namespace sockwitness::query
