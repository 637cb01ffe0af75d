// TOML text to values. The one place that knows the parsing library.
//
// In:    the name of a file for messages, and its bytes.
// Out:   its root table.
// Never: half a file: whatever is no TOML is an error with its line and column.
#pragma once

#include <string_view>

#include "query/policy/toml_value.h"

namespace sockwitness::query {

// Throws schema::Error (Usage).
[[nodiscard]] TomlValue parse_toml(std::string_view source, std::string_view text);

}  // namespace sockwitness::query
