#include "schema/disk/file_head.h"

namespace sockwitness::schema {
namespace {

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < length; ++i) {
    value = (value << 8U) | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return value;
}

}  // namespace

std::optional<FileHead> decode_file_head(std::string_view bytes) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  if (bytes.size() < kFileHeadSize || !bytes.starts_with(kMagic)) {
    return std::nullopt;
  }
  FileHead head;
  head.page_size = big_endian(bytes, 16, 2);
  if (head.page_size == 1) {
    head.page_size = 65536;
  }
  const bool power_of_two = (head.page_size & (head.page_size - 1)) == 0;
  if (head.page_size < 512 || !power_of_two) {
    return std::nullopt;
  }
  head.write_ahead_log = bytes[18] == 2 || bytes[19] == 2;
  head.changes = big_endian(bytes, 24, 4);
  head.page_count = big_endian(bytes, 28, 4);
  head.user_version = big_endian(bytes, 60, 4);
  head.application_id = big_endian(bytes, 68, 4);
  return head;
}

}  // namespace sockwitness::schema
