// Digests of the blocks of rows that have become full: what occurs in them, for questions about all
// of history.
//
// In:    an open transaction in which the rows and changes of a snapshot have been stored.
// Out:   rows of the table digest.
// Never: needs more than one block in memory, or digests a block that may still grow.
#pragma once

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::recorder {

void write_full_digests(schema::Database& database);

}  // namespace sockwitness::recorder
