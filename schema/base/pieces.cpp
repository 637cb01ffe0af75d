#include "schema/base/pieces.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace sockwitness::schema {
namespace {

// A cut lies behind a byte with which so many of the upper bits become zero: in 128 bytes one does.
constexpr unsigned kBits = 7;

// A number without pattern for each byte. Source: S. Vigna, SplitMix64.
constexpr std::array<std::uint64_t, 256> make_gears() {
  std::array<std::uint64_t, 256> gears{};
  std::uint64_t state = 0;
  for (std::uint64_t& gear : gears) {
    state += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    gear = mixed ^ (mixed >> 31U);
  }
  return gears;
}

constexpr auto kGears = make_gears();

// Each byte leaves the hash 64 bytes later, so a cut depends on the bytes just before it alone.
std::size_t length_of_first(std::string_view text) {
  const std::size_t most = std::min(text.size(), kLongestPiece);
  std::uint64_t hash = 0;
  for (std::size_t at = 0; at < most; ++at) {
    hash = (hash << 1U) + kGears[static_cast<std::uint8_t>(text[at])];
    if (at + 1 >= kShortestPiece && hash >> (64U - kBits) == 0) {
      return at + 1;
    }
  }
  return most;
}

}  // namespace

std::vector<std::string_view> split_pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t length = length_of_first(text);
    pieces.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return pieces;
}

}  // namespace sockwitness::schema
