// Where SQLite's memory comes from.
//
// In:    the word of a program that ends when memory runs out.
// Out:   a request of SQLite that the system refuses ends it, too; what a limit of SQLite's own
//        refuses is an error of the statement as before.
// Never: for a program that writes: that one has to see the error.
#pragma once

namespace sockwitness::schema {

// Before the first use of SQLite.
void end_when_sqlite_is_out_of_memory() noexcept;

}  // namespace sockwitness::schema
