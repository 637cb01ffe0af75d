#include "schema/disk/digest.h"

#include <algorithm>
#include <optional>

#include "schema/base/error.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::schema {
namespace {

// The first byte says how the rest is written.
constexpr char kAsList = 0;
constexpr char kAsBitmap = 1;

// FNV-1a, 64 bits, as a number from 1 to 255. Source: the parameters of draft-eastlake-fnv.
std::uint8_t fingerprint(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3U;
  }
  return static_cast<std::uint8_t>(1 + hash % 255);
}

// Ids are positive, numbers may be zero.
std::string encode_as_list(const std::set<std::int64_t>& numbers) {
  std::vector<RowId> shifted;
  shifted.reserve(numbers.size());
  for (const std::int64_t number : numbers) {
    shifted.push_back(number + 1);
  }
  return std::string(1, kAsList) + encode_ids(shifted);
}

std::string encode_as_bitmap(const std::set<std::int64_t>& numbers) {
  std::string bytes(2 + static_cast<std::size_t>(*numbers.rbegin()) / 8, '\0');
  bytes.front() = kAsBitmap;
  for (const std::int64_t number : numbers) {
    char& byte = bytes[1 + static_cast<std::size_t>(number) / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | 1U << (number % 8));
  }
  return bytes;
}

bool has_bit(std::string_view bitmap, std::int64_t number) {
  const auto at = static_cast<std::size_t>(number) / 8;
  return at < bitmap.size() &&
         ((unsigned{static_cast<unsigned char>(bitmap[at])} >> (number % 8)) & 1U) != 0;
}

}  // namespace

NumberSet::NumberSet(std::string_view content) {
  const char form = content.empty() ? '\x7f' : content.front();
  const std::string_view rest = content.substr(std::min<std::size_t>(1, content.size()));
  if (form == kAsBitmap) {
    bitmap_ = rest;
    return;
  }
  auto ids = form == kAsList ? decode_ids(rest) : std::nullopt;
  if (!ids) {
    throw Error(ExitCode::Unusable,
                "reading a digest of the database: its bytes make no set",
                "the file is damaged or was altered");
  }
  numbers_ = std::move(*ids);
  for (std::int64_t& number : numbers_) {
    --number;
  }
}

bool NumberSet::contains_any(std::int64_t first, std::int64_t last) const {
  const auto end = static_cast<std::int64_t>(bitmap_.size()) * 8 - 1;
  for (std::int64_t number = first; number <= std::min(last, end); ++number) {
    if (has_bit(bitmap_, number)) {
      return true;
    }
  }
  const auto found = std::lower_bound(numbers_.begin(), numbers_.end(), first);
  return found != numbers_.end() && *found <= last;
}

std::vector<std::int64_t> NumberSet::numbers() const {
  std::vector<std::int64_t> all = numbers_;
  for (std::int64_t number = 0; number < static_cast<std::int64_t>(bitmap_.size()) * 8; ++number) {
    if (has_bit(bitmap_, number)) {
      all.push_back(number);
    }
  }
  return all;
}

std::string encode_numbers(const std::set<std::int64_t>& numbers) {
  std::string list = encode_as_list(numbers);
  const bool dense = !numbers.empty() && static_cast<std::uint64_t>(*numbers.rbegin()) / 8 + 2 <
                                             static_cast<std::uint64_t>(list.size());
  return dense ? encode_as_bitmap(numbers) : list;
}

std::uint8_t address_fingerprint(const IpAddress& address) {
  return fingerprint(plain_address(address).bytes());
}

std::uint8_t network_fingerprint(const IpAddress& address) {
  const IpAddress plain = plain_address(address);
  return fingerprint(plain.bytes().substr(0, network_length(plain.is_v6()) / 8));
}

}  // namespace sockwitness::schema
