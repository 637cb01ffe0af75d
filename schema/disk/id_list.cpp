#include "schema/disk/id_list.h"

namespace sockwitness::schema {

std::string encode_ids(const std::vector<RowId>& ascending) {
  std::string bytes;
  RowId last = 0;
  for (const RowId id : ascending) {
    auto difference = static_cast<std::uint64_t>(id - last);
    last = id;
    while (difference >= 0x80U) {
      bytes += static_cast<char>((difference & 0x7FU) | 0x80U);
      difference >>= 7U;
    }
    bytes += static_cast<char>(difference);
  }
  return bytes;
}

std::optional<std::vector<RowId>> decode_ids(std::string_view bytes) {
  std::vector<RowId> ids;
  ids.reserve(bytes.size());
  RowId last = 0;
  std::uint64_t difference = 0;
  unsigned shift = 0;
  for (const char byte : bytes) {
    const auto group = static_cast<std::uint8_t>(byte);
    if (shift > 56) {
      return std::nullopt;  // ids are positive and below 2^63
    }
    difference |= static_cast<std::uint64_t>(group & 0x7FU) << shift;
    if ((group & 0x80U) != 0) {
      shift += 7;
      continue;
    }
    const bool overlong = group == 0 && shift > 0;
    const bool overflows = difference > static_cast<std::uint64_t>(INT64_MAX - last);
    if (difference == 0 || overlong || overflows) {
      return std::nullopt;
    }
    last += static_cast<RowId>(difference);
    ids.push_back(last);
    difference = 0;
    shift = 0;
  }
  return shift == 0 ? std::optional(std::move(ids)) : std::nullopt;
}

}  // namespace sockwitness::schema
