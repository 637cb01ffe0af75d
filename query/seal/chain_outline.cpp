#include "query/seal/chain_outline.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/chain/hex_bytes.h"
#include "schema/disk/chained_rows.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

std::string_view text_of(const SQLite::Column& column) {
  const void* data = column.getBlob();
  return {static_cast<const char*>(data),
          data == nullptr ? 0 : static_cast<std::size_t>(column.getBytes())};
}

template <std::size_t Size>
std::array<std::uint8_t, Size> bytes_of(SQLite::Statement& row, int column) {
  const auto bytes = schema::from_bytes<Size>(text_of(row.getColumn(column)));
  if (!bytes) {
    throw Error(ExitCode::Unusable,
                fmt::format("sealing record {}: its link is not of the form that links have",
                            row.getColumn(0).getInt64()),
                "see: sockwitness verify");
  }
  return *bytes;
}

SealedLink link_of(SQLite::Statement& row) {
  SealedLink link;
  link.record = row.getColumn(0).getInt64();
  link.leaves = row.getColumn(1).getInt64();
  link.advance = std::string(text_of(row.getColumn(2)));
  link.root = bytes_of<32>(row, 3);
  link.successor = bytes_of<32>(row, 4);
  link.head = bytes_of<32>(row, 5);
  link.signature = bytes_of<64>(row, 6);
  link.kind = row.getColumn(7).getInt64();
  link.written_us = row.getColumn(8).getInt64();
  if (!row.isColumnNull(9)) {
    link.key = bytes_of<32>(row, 10);
  }
  return link;
}

}  // namespace

ChainOutline::ChainOutline(SQLite::Database& sqlite) {
  schema::Hasher hasher;
  SQLite::Statement read(sqlite, std::string(schema::sql::kReadLinks));
  read.bind(1, 0);
  read.bind(2, -1);  // no limit
  schema::Marks marks;
  while (read.executeStep()) {
    SealedLink link = link_of(read);
    if (!read.isColumnNull(13)) {
      link.environment = schema::hash_row(sqlite.getHandle(), hasher, "environment", link.record);
    }
    const auto after = schema::decode_advance(marks, link.advance);
    if (!after || (!links_.empty() && link.record != links_.back().record + 1)) {
      throw Error(ExitCode::Unusable,
                  fmt::format("sealing record {}: its link or the one before it is damaged or "
                              "missing",
                              link.record),
                  "see: sockwitness verify");
    }
    marks = *after;
    marks_.add(link.record, marks);
    links_.push_back(std::move(link));
  }
  if (links_.empty()) {
    throw Error(ExitCode::Unusable,
                "sealing: no record is signed yet",
                "the next run signs what lies there: sockwitness-recorder snapshot");
  }
}

const SealedLink& ChainOutline::link(std::int64_t record) const {
  return links_.at(static_cast<std::size_t>(record - first()));
}

}  // namespace sockwitness::query
