#include "query/analysis/findings/severity.h"

#include <array>

namespace sockwitness::query {
namespace {

constexpr std::array<std::string_view, 5> kWords{"info", "low", "medium", "high", "critical"};

}  // namespace

std::string_view severity_word(Severity severity) {
  return kWords.at(static_cast<std::size_t>(severity));
}

std::optional<Severity> parse_severity(std::string_view word) {
  for (std::size_t at = 0; at < kWords.size(); ++at) {
    if (kWords[at] == word) {
      return static_cast<Severity>(at);
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::query
