#include "schema/disk/row_numbers.h"

namespace sockwitness::schema {
namespace {

void put_number(std::string& bytes, std::int64_t number) {
  auto rest = static_cast<std::uint64_t>(number);
  while (rest >= 0x80U) {
    bytes += static_cast<char>((rest & 0x7FU) | 0x80U);
    rest >>= 7U;
  }
  bytes += static_cast<char>(rest);
}

// Takes one number off the front; nearly all are a byte.
std::optional<std::int64_t> take_number(std::string_view& bytes) {
  if (!bytes.empty() && static_cast<std::uint8_t>(bytes.front()) < 0x80U) {
    const auto number = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    return number;
  }
  std::uint64_t number = 0;
  for (unsigned shift = 0; !bytes.empty() && shift <= 56; shift += 7) {
    const auto group = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(group & 0x7FU) << shift;
    if ((group & 0x80U) == 0) {
      const bool overlong = group == 0 && shift > 0;
      return overlong ? std::nullopt : std::optional(static_cast<std::int64_t>(number));
    }
  }
  return std::nullopt;
}

}  // namespace

std::string encode_row_numbers(RowId before, const std::vector<RowNumber>& ascending) {
  std::string bytes;
  for (const RowNumber& each : ascending) {
    put_number(bytes, each.row - before);
    put_number(bytes, each.number);
    before = each.row;
  }
  return bytes;
}

std::optional<std::vector<RowNumber>> decode_row_numbers(RowId before, std::string_view bytes) {
  std::vector<RowNumber> rows;
  rows.reserve(bytes.size() / 2);
  while (!bytes.empty()) {
    const auto difference = take_number(bytes);
    const auto number = take_number(bytes);
    if (!difference || *difference == 0 || *difference > INT64_MAX - before || !number) {
      return std::nullopt;
    }
    before += *difference;
    rows.push_back({before, *number});
  }
  return rows;
}

}  // namespace sockwitness::schema
