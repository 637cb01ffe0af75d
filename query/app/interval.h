// How often the user expects a snapshot.
//
// In:    the value of --expect-every as typed.
// Out:   microseconds.
// Never: a guess: without the option the record's own schedule counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/program/grammar.h"

namespace sockwitness::query {

// `target` must outlive the command.
void add_expect_every(schema::Command command, std::optional<std::string>& target);

// Throws schema::Error (Usage) for what is no interval.
[[nodiscard]] std::optional<std::int64_t> read_interval(std::string_view option,
                                                        const std::optional<std::string>& text);

}  // namespace sockwitness::query
