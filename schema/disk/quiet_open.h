// Opening a file of evidence for reading without leaving a trace of it.
//
// In:    a path, flags of open(2).
// Out:   a descriptor whose reads do not move the access time, where the system lets us: to the
//        owner of the file and to root. Everybody else reads as any program does.
// Never: puts a time back: that would move another one.
#pragma once

namespace sockwitness::schema {

// -1 and errno as open(2); O_RDONLY, O_CLOEXEC and O_NOATIME are added.
[[nodiscard]] int open_quietly(const char* path, int flags);

// From now on SQLite opens what it only reads in the same way.
void make_sqlite_quiet();

}  // namespace sockwitness::schema
