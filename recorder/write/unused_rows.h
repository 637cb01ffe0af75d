// Rows that nothing refers to any more: texts, programs, containers, contexts.
//
// In:    an open transaction, up to which numbers they may go.
// Out:   they are gone.
// Never: takes the highest row of a table: its number would be given again.
#pragma once

#include <vector>

#include "schema/chain/marks.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

// `marks`: rows above them stay. Throws SQLite::Exception.
void remove_unused_rows(schema::Database& database, const schema::Marks& marks);

// Rows above `first`, up to `last`.
struct MarkRange {
  schema::Marks first;
  schema::Marks last;
};
// Only those of ranges, which ascend; contexts stay. Looks at no row that was there before the
// first of them: what is referred to is older than who refers to it. Throws SQLite::Exception.
void remove_unused_rows_of(schema::Database& database, const std::vector<MarkRange>& ranges);

}  // namespace sockwitness::recorder
