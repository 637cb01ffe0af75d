// The clocks of snapshots, read without anything else of them.
//
// In:    an open database, the first and the last snapshot that are wanted.
// Out:   Moments.
// Never: reads what the snapshots saw.
#pragma once

#include "query/analysis/history/moments.h"

namespace sockwitness::schema {
class Database;
}

namespace sockwitness::query {

// Precondition: snapshots are within; a file that shows none of them is damaged.
[[nodiscard]] Moments read_moments(schema::Database& database, schema::SeqRange wanted);

}  // namespace sockwitness::query
