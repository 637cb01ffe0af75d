#include "schema/disk/file_head.h"

#include "schema/disk/big_endian.h"

namespace sockwitness::schema {
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
