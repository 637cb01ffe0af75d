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
  bytes_.clear();
  bytes_ += static_cast<char>(static_cast<std::uint8_t>(table.size()));
  bytes_ += table;
  column_ = 0;
}

void CanonicalRow::begin_column(Tag tag) {
  bytes_ += static_cast<char>(column_++);
  bytes_ += static_cast<char>(tag);
}

void CanonicalRow::integer(std::int64_t value) {
  begin_column(Tag::Integer);
  append_big_endian(bytes_, static_cast<std::uint64_t>(value), 8);
}

void CanonicalRow::real(double value) {
  begin_column(Tag::Real);
  append_big_endian(bytes_, std::bit_cast<std::uint64_t>(value), 8);
}

void CanonicalRow::add_bytes(Tag tag, std::string_view bytes) {
  begin_column(tag);
  append_big_endian(bytes_, bytes.size(), 4);
  bytes_ += bytes;
}

}  // namespace sockwitness::schema
