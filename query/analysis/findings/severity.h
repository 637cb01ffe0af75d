// How much a finding or a change matters.
//
// In:    words as people write them.
// Out:   an ordered scale and its words.
// Never: decides what is severe; rules and comparisons do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::query {

enum class Severity : std::uint8_t { Info, Low, Medium, High, Critical };

// In ascending order.
inline constexpr std::array kSeverities{
    Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical};

// "info", "low", "medium", "high", "critical"
[[nodiscard]] std::string_view severity_word(Severity severity);
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view word);

}  // namespace sockwitness::query
