// A TOML file as plain values that know where they stand.
//
// In:    built by parse_toml only.
// Out:   a tree; every key and every value with its line and column, for messages.
// Never: interprets: which keys there may be, and what they mean, is the readers' work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sockwitness::query {

struct TomlPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  friend auto operator<=>(const TomlPlace&, const TomlPlace&) = default;
};

enum class TomlKind { Text, Integer, Fraction, Flag, Date, Time, List, Table };

struct TomlKey {
  std::string name;
  TomlPlace place;
};

struct TomlValue {
  TomlKind kind = TomlKind::Table;
  TomlPlace place;

  std::string text;             // Text
  std::uint32_t text_line = 1;  // Text: the line of the file that its first character stands on
  std::int64_t integer = 0;
  bool flag = false;
  std::chrono::year_month_day date;  // Date: without a time of day
  std::vector<TomlKey> keys;         // Table: in the order of the file
  std::vector<TomlValue> items;      // List: its elements; Table: parallel to `keys`
};

}  // namespace sockwitness::query
