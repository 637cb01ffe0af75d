#include "schema/disk/row.h"

#include <sqlite3.h>

#include <SQLiteCpp/SQLiteCpp.h>

namespace sockwitness::schema {
namespace {

// A Column of SQLiteCpp is a share in its statement, taken and given back for every number that is
// read, and the handle below it is shown to nobody: an explicit instantiation may name it all the
// same. A library that calls it otherwise does not compile.
sqlite3_stmt* handle_of(const SQLite::Statement& statement);

template <auto Handle>
struct Door {
  friend sqlite3_stmt* handle_of(const SQLite::Statement& statement) {
    return (statement.*Handle).get();
  }
};
template struct Door<&SQLite::Statement::mpPreparedStatement>;

}  // namespace

RowReader::RowReader(SQLite::Statement& statement)
    : handle_(handle_of(statement)),
      columns_(statement.hasRow() ? ::sqlite3_data_count(handle_) : 0) {
}

// Behind the last column, or without a row, SQLite would say 0.
int RowReader::here() const {
  if (column_ >= columns_) {
    throw SQLite::Exception("Column index out of range.");
  }
  return column_;
}

std::int64_t RowReader::integer() {
  const std::int64_t value = ::sqlite3_column_int64(handle_, here());
  ++column_;
  return value;
}

std::optional<std::int64_t> RowReader::maybe_integer() {
  const bool is_null = is_null_here();
  const std::int64_t value = is_null ? 0 : ::sqlite3_column_int64(handle_, column_);
  ++column_;
  return is_null ? std::nullopt : std::optional<std::int64_t>(value);
}

std::string_view RowReader::bytes() {
  const void* data = ::sqlite3_column_blob(handle_, here());
  const int size = ::sqlite3_column_bytes(handle_, column_++);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool RowReader::is_null_here() const {
  return ::sqlite3_column_type(handle_, here()) == SQLITE_NULL;
}

void RowReader::throw_damage() {
  throw Error(ExitCode::Unusable,
              "reading a row of the database: a stored number is out of its range",
              "the file is damaged or was altered");
}

RowBinder::RowBinder(SQLite::Statement& statement) : statement_(statement) {
  statement_.reset();
}

RowBinder& RowBinder::integer(std::int64_t value) {
  statement_.bind(++parameter_, value);
  return *this;
}

RowBinder& RowBinder::maybe_integer(std::optional<std::int64_t> value) {
  return value ? integer(*value) : null();
}

RowBinder& RowBinder::bytes(std::string_view value) {
  // SQLite binds NULL for a null pointer, whatever the length.
  statement_.bindNoCopy(
      ++parameter_, value.empty() ? "" : value.data(), static_cast<int>(value.size()));
  return *this;
}

RowBinder& RowBinder::text(std::string_view value) {
  statement_.bind(++parameter_, std::string(value));
  return *this;
}

RowBinder& RowBinder::null() {
  statement_.bind(++parameter_);
  return *this;
}

void RowBinder::run() {
  statement_.exec();
  statement_.reset();
}

}  // namespace sockwitness::schema
