#include "schema/chain/marks.h"

#include <limits>

namespace sockwitness::schema {
namespace {

constexpr unsigned kBits = 7;
constexpr std::uint8_t kMore = 0x80;

void append(std::string& bytes, std::uint64_t value) {
  for (; value >= kMore; value >>= kBits) {
    bytes += static_cast<char>(static_cast<std::uint8_t>(value) | kMore);
  }
  bytes += static_cast<char>(value);
}

// No overlong forms.
std::optional<std::uint64_t> take(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += kBits) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & (kMore - 1U)) << shift;
    if ((byte & kMore) == 0) {
      return byte == 0 && shift > 0 ? std::nullopt : std::optional(value);
    }
  }
  return std::nullopt;
}

}  // namespace

std::int64_t mark_of(const Marks& marks, std::uint32_t numbering) {
  const auto found = marks.find(numbering);
  return found == marks.end() ? 0 : found->second;
}

std::string encode_advance(const Marks& before, const Marks& after) {
  std::string bytes;
  std::uint32_t last = 0;
  for (const auto& [numbering, mark] : after) {
    if (const std::int64_t rose = mark - mark_of(before, numbering); rose > 0) {
      append(bytes, numbering - last);
      append(bytes, static_cast<std::uint64_t>(rose));
      last = numbering;
    }
  }
  return bytes;
}

std::optional<Marks> decode_advance(const Marks& before, std::string_view bytes) {
  constexpr std::uint32_t kMostNumbering = 1024;
  Marks after = before;
  std::uint64_t numbering = 0;
  while (!bytes.empty()) {
    const auto step = take(bytes);
    const auto rose = take(bytes);
    if (!step || !rose || *step == 0 || *rose == 0 || *step > kMostNumbering) {
      return std::nullopt;
    }
    numbering += *step;
    if (numbering > kMostNumbering) {
      return std::nullopt;
    }
    std::int64_t& mark = after[static_cast<std::uint32_t>(numbering)];
    if (*rose > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() - mark)) {
      return std::nullopt;
    }
    mark += static_cast<std::int64_t>(*rose);
  }
  return after;
}

}  // namespace sockwitness::schema
