#include "schema/chain/stored_row.h"

#include <bit>

#include "schema/chain/canonical_row.h"

namespace sockwitness::schema {
namespace {

constexpr std::size_t kMostColumns = 256;

std::optional<std::string_view> take_bytes(std::string_view& bytes, std::uint64_t size) {
  if (size > bytes.size()) {
    return std::nullopt;
  }
  const std::string_view taken = bytes.substr(0, static_cast<std::size_t>(size));
  bytes.remove_prefix(taken.size());
  return taken;
}

std::optional<std::uint64_t> take_number(std::string_view& bytes, std::uint64_t size) {
  const auto digits = take_bytes(bytes, size);
  if (!digits) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (const char digit : *digits) {
    number = number << 8U | static_cast<std::uint8_t>(digit);
  }
  return number;
}

std::optional<StoredValue> take_value(std::string_view& bytes) {
  using Tag = CanonicalRow::Tag;
  const auto tag = take_number(bytes, 1);
  const auto number = tag ? take_number(bytes, *tag == 1 || *tag == 4 ? 8 : 4) : std::nullopt;
  if (!number) {
    return std::nullopt;
  }
  switch (static_cast<Tag>(*tag)) {
    case Tag::Integer:
      return static_cast<std::int64_t>(*number);
    case Tag::Real:
      return std::bit_cast<double>(*number);
    case Tag::Text:
    case Tag::Blob:
      break;
    default:
      return std::nullopt;
  }
  const auto content = take_bytes(bytes, *number);
  if (!content) {
    return std::nullopt;
  }
  return static_cast<Tag>(*tag) == Tag::Text ? StoredValue(StoredText{std::string(*content)})
                                             : StoredValue(StoredBlob{std::string(*content)});
}

}  // namespace

std::optional<std::int64_t> StoredRow::integer(std::size_t column) const {
  const auto* value = column < values.size() ? std::get_if<std::int64_t>(&values[column]) : nullptr;
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<StoredRow> decode_row(std::string_view canonical) {
  const auto size = take_number(canonical, 1);
  const auto name = size ? take_bytes(canonical, *size) : std::nullopt;
  if (!name) {
    return std::nullopt;
  }
  StoredRow row{std::string(*name), {}};
  while (!canonical.empty()) {
    const auto column = take_number(canonical, 1);
    auto value = take_value(canonical);
    if (!value || *column < row.values.size()) {
      return std::nullopt;
    }
    row.values.resize(static_cast<std::size_t>(*column));
    row.values.push_back(std::move(*value));
  }
  return row;
}

std::string encode_row(const StoredRow& row) {
  CanonicalRow canonical;
  canonical.begin(row.table);
  for (std::size_t column = 0; column < row.values.size() && column < kMostColumns; ++column) {
    const StoredValue& value = row.values[column];
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      canonical.integer(*integer);
    } else if (const auto* real = std::get_if<double>(&value)) {
      canonical.real(*real);
    } else if (const auto* text = std::get_if<StoredText>(&value)) {
      canonical.text(text->bytes);
    } else if (const auto* blob = std::get_if<StoredBlob>(&value)) {
      canonical.blob(blob->bytes);
    } else {
      canonical.null();
    }
  }
  return std::string(canonical.bytes());
}

}  // namespace sockwitness::schema
