#include "schema/disk/row.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace sockwitness::schema {

std::int64_t RowReader::integer() {
  return statement_.getColumn(column_++).getInt64();
}

std::optional<std::int64_t> RowReader::maybe_integer() {
  const SQLite::Column column = statement_.getColumn(column_++);
  return column.isNull() ? std::nullopt : std::optional<std::int64_t>(column.getInt64());
}

std::string_view RowReader::bytes() {
  const SQLite::Column column = statement_.getColumn(column_++);
  const void* data = column.getBlob();
  return {static_cast<const char*>(data), static_cast<std::size_t>(column.getBytes())};
}

bool RowReader::is_null_here() const {
  return statement_.isColumnNull(column_);
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
