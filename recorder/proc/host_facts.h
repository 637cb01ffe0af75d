// The small files that tell which host and which boot this is.
//
// In:    their bytes, with or without the final newline.
// Out:   the value, or nothing when it is malformed.
// Never: repairs what it reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "schema/model/ids.h"

namespace sockwitness::recorder {

// "0b9b0bd2-97c1-4a50-9a1c-2fbd6b43c79d"
[[nodiscard]] std::optional<std::string> parse_boot_id(std::string_view text);

// 32 lower-case hexadecimal digits; "uninitialized" is none. Source: machine-id(5).
[[nodiscard]] std::optional<std::string> parse_machine_id(std::string_view text);

// "32768\t60999"
[[nodiscard]] std::optional<std::pair<schema::Port, schema::Port>> parse_port_range(
    std::string_view text);

// "1024\n"
[[nodiscard]] std::optional<schema::Port> parse_port(std::string_view text);

}  // namespace sockwitness::recorder
