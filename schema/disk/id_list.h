// A set of row ids as bytes: ascending differences in base 128, low group first (LEB128).
//
// In:    ascending, distinct, positive ids.
// Out:   about one byte an id when they lie close together.
// Never: accepts bytes that are cut off, overlong or not ascending: that is damage, not a shorter
//        list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockwitness::schema {

using RowId = std::int64_t;

[[nodiscard]] std::string encode_ids(const std::vector<RowId>& ascending);
[[nodiscard]] std::optional<std::vector<RowId>> decode_ids(std::string_view bytes);

}  // namespace sockwitness::schema
