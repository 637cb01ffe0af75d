// One row of a statement, column by column, in order: reading it, or binding its parameters.
//
// In:    a SQLite statement, stepped or about to be.
// Out:   integers, optional integers, byte strings; each call moves to the next column or
//        parameter.
// Never: narrows silently: a stored number that does not fit its type is damage and throws Error.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "schema/base/error.h"

namespace SQLite {
class Statement;
}
struct sqlite3_stmt;

namespace sockwitness::schema {

class RowReader {
 public:
  explicit RowReader(SQLite::Statement& statement);

  [[nodiscard]] std::int64_t integer();
  [[nodiscard]] std::optional<std::int64_t> maybe_integer();
  // Valid until the statement is stepped again. NULL gives an empty view.
  [[nodiscard]] std::string_view bytes();
  [[nodiscard]] bool is_null_here() const;

  template <class T>
  [[nodiscard]] T number() {
    return narrow<T>(integer());
  }
  template <class T>
  [[nodiscard]] std::optional<T> maybe_number() {
    const auto value = maybe_integer();
    return value ? std::optional<T>(narrow<T>(*value)) : std::nullopt;
  }
  // Stored as the same 64 bits with a sign.
  [[nodiscard]] std::uint64_t bits() { return static_cast<std::uint64_t>(integer()); }
  // An enumeration whose last stored number is `last`.
  template <class Enum>
  [[nodiscard]] Enum enumeration(Enum last) {
    const std::int64_t value = integer();
    if (value < 0 || value > static_cast<std::int64_t>(last)) {
      throw_damage();
    }
    return static_cast<Enum>(value);
  }

 private:
  template <class T>
  [[nodiscard]] static T narrow(std::int64_t value) {
    const bool below =
        value < 0 && (std::numeric_limits<T>::min() == 0 ||
                      value < static_cast<std::int64_t>(std::numeric_limits<T>::min()));
    const bool above = value > 0 && static_cast<std::uint64_t>(value) >
                                        static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    if (below || above) {
      throw_damage();
    }
    return static_cast<T>(value);
  }
  [[noreturn]] static void throw_damage();

  [[nodiscard]] int here() const;

  sqlite3_stmt* handle_;
  int columns_;  // 0: there is no row
  int column_ = 0;
};

// Binds ?1, ?2, … in order, then runs the statement once. Empty optionals are NULL.
class RowBinder {
 public:
  explicit RowBinder(SQLite::Statement& statement);

  RowBinder& integer(std::int64_t value);
  RowBinder& maybe_integer(std::optional<std::int64_t> value);
  // `value` must live until run(). An empty view is an empty blob, not NULL.
  RowBinder& bytes(std::string_view value);
  RowBinder& text(std::string_view value);
  RowBinder& null();
  RowBinder& bits(std::uint64_t value) { return integer(static_cast<std::int64_t>(value)); }
  template <class Enum>
  RowBinder& enumeration(Enum value) {
    return integer(static_cast<std::int64_t>(value));
  }

  void run();

 private:
  SQLite::Statement& statement_;
  int parameter_ = 0;
};

}  // namespace sockwitness::schema
