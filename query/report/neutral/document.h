// An answer for machines: what surrounds the rows, and the rows.
//
// In:    built from results of the analysis.
// Out:   the same content for JSON, JSON lines and CSV.
// Never: knows how any of them is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/report/neutral/value.h"

namespace sockwitness::query {

struct Document {
  std::string_view format;      // "sockwitness.show/1"
  Value::Object head;           // members before the rows
  std::string_view rows_key;    // "sockets"
  Value::List rows;             // objects
  Value::Object tail;           // members after the rows
  std::string_view row_format;  // "sockwitness.socket/1", for JSON lines
  std::optional<std::int64_t>
      seq;  // of the snapshot that the rows belong to, unless they have their own
  std::vector<std::string_view>
      columns;  // for CSV: paths into a row, as "local_port" or "holders.pid"
};

// The words of a literal, in their order.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

}  // namespace sockwitness::query
