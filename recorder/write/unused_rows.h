// Rows that nothing refers to any more: texts, programs, containers, contexts.
//
// In:    an open transaction, up to which numbers they may go.
// Out:   they are gone.
// Never: takes the highest row of a table: its number would be given again.
#pragma once

#include "schema/chain/marks.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

// `marks`: rows above them stay. Throws SQLite::Exception.
void remove_unused_rows(schema::Database& database, const schema::Marks& marks);

}  // namespace sockwitness::recorder
