// What an engine answered: rows as it writes them with FORMAT JSONEachRow.
//
// In:    one JSON object a line.
// Out:   rows with their members in the order in which they came.
// Never: trusted: a text of it is a stranger's, whoever wrote it into the engine.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sockwitness::query {

struct EngineValue {
  enum class Kind { Null, Number, Text, List };

  Kind kind = Kind::Null;
  std::string text;               // of a number its digits
  std::vector<std::string> list;  // texts

  friend bool operator==(const EngineValue&, const EngineValue&) = default;
};

using EngineRow = std::vector<std::pair<std::string, EngineValue>>;

// Empty lines are left out. Throws schema::Error (Unusable) that names the line.
[[nodiscard]] std::vector<EngineRow> parse_engine_rows(std::string_view text);

}  // namespace sockwitness::query
