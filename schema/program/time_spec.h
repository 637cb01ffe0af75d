// What --at, --since and --until accept.
//
// In:    the text as typed, the present instant, the reader's zone, which end of it is meant.
// Out:   a snapshot number, or an instant.
// Never: reads a clock, or chooses between two readings of a local time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "schema/model/ids.h"
#include "schema/program/zone.h"

namespace sockwitness::schema {

using TimeSpec = std::variant<Seq, WallTime>;

// Times are printed without fractions: what is typed without one stands for its whole second, or
// minute where the seconds are missing, too. A date alone is its midnight; DayEnd: its last second.
enum class Edge { Begin, End, DayEnd };

// Throws Error (Usage) whose hint is the grammar, or both readings of a local time.
[[nodiscard]] TimeSpec parse_time_spec(std::string_view text,
                                       WallTime now,
                                       const Zone& zone,
                                       Edge edge);

// "2h", "90 minutes", "1d": the whole text, in microseconds.
[[nodiscard]] std::optional<std::int64_t> parse_duration(std::string_view text);

// The grammar, for the help text and for hints; lines without indentation.
[[nodiscard]] std::string_view time_grammar();

}  // namespace sockwitness::schema
