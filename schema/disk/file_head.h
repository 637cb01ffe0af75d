// The first hundred bytes of a SQLite file: what it claims to be, read without SQLite.
//
// In:    the bytes and the size of the file.
// Out:   the fields that decide whether it is ours, or the reason why it is no database at all.
// Never: opens a file: a database that SQLite has open must not be opened and closed beside it
//        (POSIX locks).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sockwitness::schema {

// Source: "SQLite Database File Format", 1.3.
struct FileHead {
  std::uint32_t page_size = 0;  // bytes
  std::uint32_t changes = 0;    // transactions, modulo 2^32
  std::uint32_t page_count = 0;
  std::uint32_t user_version = 0;
  std::uint32_t application_id = 0;
  bool write_ahead_log = false;
};

inline constexpr std::size_t kFileHeadSize = 100;

// Nothing when the bytes are not the head of a SQLite database.
[[nodiscard]] std::optional<FileHead> decode_file_head(std::string_view bytes);

}  // namespace sockwitness::schema
