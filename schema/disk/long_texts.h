// Texts that are kept in pieces, which are rows of `text` themselves: those that are nearly equal
// share all but a few.
//
// In:    the id of a text without bytes of its own; or bytes to store.
// Out:   what is kept of it, whole or its ends.
// Never: believes a length, a head or a run before the pieces bear it out: that is damage, and
//        throws Error.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schema/disk/id_list.h"
#include "schema/model/long_text.h"

namespace sockwitness::schema {

class Database;

// A text up to here is one row: pieces would cost more than they save.
inline constexpr std::size_t kOneRow = 1024;

// What a row of long_text says.
struct StoredLength {
  std::uint64_t length = 0;
  std::string sha256;  // empty: not computed
  std::optional<std::uint64_t> head;
  std::uint64_t kept = 0;  // bytes that the pieces must have together

  // Nothing where there is no digest, and for what is whole and not long.
  [[nodiscard]] std::optional<LongText> measure() const;
};

class LongTexts {
 public:
  // It must outlive the object.
  explicit LongTexts(Database& database) : database_(database) {}

  // Nothing: the text is none of these.
  [[nodiscard]] std::optional<StoredLength> find(RowId id);
  // What is kept of it.
  [[nodiscard]] std::string read(RowId id, const StoredLength& stored);
  // Its ends alone, as keep_ends() leaves them. Precondition: it is whole, longer than
  // kAlwaysWhole.
  [[nodiscard]] std::string read_ends(RowId id);

  // `hash` is that of the row of `text`; `intern_piece` gives the row of a short text. Only for a
  // database that was opened for appending. Precondition: `bytes` is not empty.
  RowId insert(std::int64_t hash,
               std::string_view bytes,
               const std::optional<LongText>& measure,
               const std::function<RowId(std::string_view)>& intern_piece);

 private:
  Database& database_;
};

}  // namespace sockwitness::schema
