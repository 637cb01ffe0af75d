// The canonical bytes of a row: the same for the same values, however SQLite keeps them.
//
// In:    the name of a table, then the columns in the order of its definition.
// Out:   the bytes that are hashed; FORMAT.md, "Canonical bytes", is the specification.
// Never: depends on pages, on the order of rows in the file, or on columns that came later: one
//        that is NULL is left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sockwitness::schema {

class CanonicalRow {
 public:
  // Stored tags, never reused.
  enum class Tag : std::uint8_t { Integer = 1, Text = 2, Blob = 3, Real = 4 };

  // Empties it for the next row. The name has at most 255 bytes.
  void begin(std::string_view table);
  void null() { ++column_; }
  void integer(std::int64_t value);
  void real(double value);
  void text(std::string_view bytes) { add_bytes(Tag::Text, bytes); }
  void blob(std::string_view bytes) { add_bytes(Tag::Blob, bytes); }

  // Until the next begin().
  [[nodiscard]] std::string_view bytes() const { return std::string_view(bytes_).substr(1); }
  // With the byte 0 before them that makes a leaf of them.
  [[nodiscard]] std::string_view leaf_bytes() const { return bytes_; }

 private:
  void add_number(Tag tag, std::uint64_t value);
  void add_bytes(Tag tag, std::string_view bytes);

  std::string bytes_{'\0'};
  std::uint8_t column_ = 0;
};

// Unsigned, big endian, so many bytes.
void append_big_endian(std::string& bytes, std::uint64_t value, int size);

}  // namespace sockwitness::schema
