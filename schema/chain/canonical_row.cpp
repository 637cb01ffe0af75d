#include "schema/chain/canonical_row.h"

#include <array>
#include <bit>

namespace sockwitness::schema {

void append_big_endian(std::string& bytes, std::uint64_t value, int size) {
  std::array<char, sizeof value> big{};
  for (std::size_t at = 0; at < big.size(); ++at) {
    big[at] = static_cast<char>(static_cast<std::uint8_t>(value >> (56 - 8 * at)));
  }
  bytes.append(big.end() - size, big.end());
}

void CanonicalRow::begin(std::string_view table) {
  bytes_.resize(1);
  bytes_ += static_cast<char>(static_cast<std::uint8_t>(table.size()));
  bytes_ += table;
  column_ = 0;
}

// All at once: a year has eighty million of them.
void CanonicalRow::add_number(Tag tag, std::uint64_t value) {
  std::array<char, 2 + sizeof value> column{static_cast<char>(column_++), static_cast<char>(tag)};
  for (std::size_t at = 0; at < sizeof value; ++at) {
    column[2 + at] = static_cast<char>(static_cast<std::uint8_t>(value >> (56 - 8 * at)));
  }
  bytes_.append(column.data(), column.size());
}

void CanonicalRow::integer(std::int64_t value) {
  add_number(Tag::Integer, static_cast<std::uint64_t>(value));
}

void CanonicalRow::real(double value) {
  add_number(Tag::Real, std::bit_cast<std::uint64_t>(value));
}

void CanonicalRow::add_bytes(Tag tag, std::string_view bytes) {
  bytes_ += static_cast<char>(column_++);
  bytes_ += static_cast<char>(tag);
  append_big_endian(bytes_, bytes.size(), 4);
  bytes_ += bytes;
}

}  // namespace sockwitness::schema
