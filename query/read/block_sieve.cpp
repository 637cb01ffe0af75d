#include "query/read/block_sieve.h"

#include <algorithm>
#include <string>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database.h"
#include "schema/disk/row.h"
#include "schema/disk/sql.h"

namespace sockwitness::query {

using schema::digest_block;
using schema::kDigestRows;
using schema::RowId;

BlockSieve::BlockSieve(schema::Database& database, RowRange rows)
    : database_(database), rows_(rows) {
  if (rows.size() > 0) {
    first_block_ = digest_block(rows.first);
    kept_.assign(static_cast<std::size_t>(digest_block(rows.last) - first_block_ + 1), true);
  }
}

std::vector<bool> BlockSieve::judge(schema::Facet facet, const Test& test) {
  std::vector<bool> passed(kept_.size(), true);
  SQLite::Statement statement(database_.sqlite(), std::string(schema::sql::kReadDigests));
  statement.bind(1, static_cast<int>(facet));
  statement.bind(2, first_block_);
  statement.bind(3, first_block_ + static_cast<std::int64_t>(kept_.size()) - 1);
  while (statement.executeStep()) {
    schema::RowReader row(statement);
    const auto at = static_cast<std::size_t>(row.integer() - first_block_);
    passed.at(at) = !kept_[at] || test(schema::NumberSet(row.bytes()));
  }
  return passed;
}

void BlockSieve::keep(schema::Facet facet, const Test& test) {
  const std::vector<bool> passed = judge(facet, test);
  for (std::size_t at = 0; at < kept_.size(); ++at) {
    kept_[at] = kept_[at] && passed[at];
  }
}

void BlockSieve::keep_either(schema::Facet one,
                             const Test& one_test,
                             schema::Facet other,
                             const Test& other_test) {
  const std::vector<bool> passed_one = judge(one, one_test);
  const std::vector<bool> passed_other = judge(other, other_test);
  for (std::size_t at = 0; at < kept_.size(); ++at) {
    kept_[at] = kept_[at] && (passed_one[at] || passed_other[at]);
  }
}

std::vector<RowRange> BlockSieve::ranges() const {
  std::vector<RowRange> ranges;
  for (std::size_t at = 0; at < kept_.size(); ++at) {
    if (!kept_[at]) {
      continue;
    }
    const RowId before = (first_block_ + static_cast<std::int64_t>(at)) * kDigestRows;
    const RowRange block{std::max(rows_.first, before + 1),
                         std::min(rows_.last, before + kDigestRows)};
    if (!ranges.empty() && ranges.back().last + 1 == block.first) {
      ranges.back().last = block.last;
    } else {
      ranges.push_back(block);
    }
  }
  return ranges;
}

}  // namespace sockwitness::query
