// Whether the names of the database and its journal are on the disk. SQLite syncs their directory,
// but goes on when it cannot be opened or the sync fails.
//
// In:    what SQLite asks for from the moment that it was told to.
// Out:   the first failure since then.
// Never: takes a file system that knows no such sync for one that failed.
#pragma once

namespace sockwitness::schema {

// From now on every sync of a directory by SQLite is done by this and remembered.
void watch_directory_syncs();

// The error of the first one that failed since the last call, 0 for none.
[[nodiscard]] int take_directory_failure();

}  // namespace sockwitness::schema
