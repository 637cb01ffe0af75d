// The blocks of a table that a question has to read: digests rule out the others.
//
// In:    an open database, rows from one to another, tests over digests.
// Out:   the ranges of rows that are left.
// Never: rules out a block without a digest.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "schema/disk/digest.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::query {

struct RowRange {
  schema::RowId first = 1;
  schema::RowId last = 0;  // below `first`: none

  [[nodiscard]] std::int64_t size() const { return last - first + 1; }
};

class BlockSieve {
 public:
  using Test = std::function<bool(const schema::NumberSet&)>;

  BlockSieve(schema::Database& database, RowRange rows);

  // Drops the blocks whose digest fails the test.
  void keep(schema::Facet facet, const Test& test);
  // Drops the blocks that fail both; for "one or the other".
  void keep_either(schema::Facet one,
                   const Test& one_test,
                   schema::Facet other,
                   const Test& other_test);
  // Ascending; neighbours are joined.
  [[nodiscard]] std::vector<RowRange> ranges() const;

 private:
  // By block: true where the digest passes or there is none.
  [[nodiscard]] std::vector<bool> judge(schema::Facet facet, const Test& test);

  schema::Database& database_;
  RowRange rows_;
  std::int64_t first_block_ = 0;
  std::vector<bool> kept_;
};

}  // namespace sockwitness::query
