#include "schema/disk/noted_rows.h"

#include <algorithm>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/error.h"
#include "schema/disk/database.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

constexpr RowId before_block(std::int64_t block) {
  return block * kDigestRows;
}

std::vector<RowNumber> decode_block(std::int64_t block, std::string_view bytes) {
  auto rows = decode_row_numbers(before_block(block), bytes);
  if (!rows || (!rows->empty() && rows->back().row > before_block(block + 1))) {
    throw Error(ExitCode::Unusable,
                "reading a digest of the database: its bytes make no list of rows",
                "the file is damaged or was altered");
  }
  return std::move(*rows);
}

}  // namespace

std::vector<RowNumber> scan_noted_rows(Database& database, Facet facet, RowId first, RowId last) {
  LentStatement statement = database.lend(
      facet == Facet::SocketVersions ? sql::kScanSocketVersions : sql::kScanSocketListeners);
  statement->bind(1, first);
  statement->bind(2, last);
  std::vector<RowNumber> rows;
  while (statement->executeStep()) {
    RowReader row(*statement);
    const RowId id = row.integer();
    rows.push_back({id, row.integer()});
  }
  return rows;
}

void NotedRows::read(RowId first, RowId last, std::vector<RowNumber>& found) {
  if (first > last) {
    return;
  }
  if (digest_block(first) == block_ && digest_block(last) == block_) {
    add(first, last, found);
    return;
  }
  LentStatement digests = database_.lend(sql::kReadDigests);
  digests->bind(1, static_cast<int>(facet_));
  digests->bind(2, digest_block(first));
  digests->bind(3, digest_block(last));
  RowId next = first;
  while (digests->executeStep()) {
    RowReader row(*digests);
    const std::int64_t block = row.integer();
    noted_ = decode_block(block, row.bytes());
    block_ = block;
    scan(next, std::min(last, before_block(block)), found);
    add(std::max(next, first), last, found);
    next = before_block(block + 1) + 1;
  }
  scan(next, last, found);
}

void NotedRows::add(RowId first, RowId last, std::vector<RowNumber>& found) const {
  const auto begin =
      std::lower_bound(noted_.begin(), noted_.end(), first, [](const RowNumber& noted, RowId row) {
        return noted.row < row;
      });
  for (auto at = begin; at != noted_.end() && at->row <= last; ++at) {
    found.push_back(*at);
  }
}

void NotedRows::scan(RowId first, RowId last, std::vector<RowNumber>& found) {
  if (first <= last) {
    const auto rows = scan_noted_rows(database_, facet_, first, last);
    found.insert(found.end(), rows.begin(), rows.end());
  }
}

}  // namespace sockwitness::schema
