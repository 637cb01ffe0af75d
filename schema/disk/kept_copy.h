// A copy of a file that lies beside the database, taken before anything is done about it.
//
// In:    the path of the database and the suffix of the file: "-journal", "-wal".
// Out:   the name of a whole copy on the disk, "NAME-journal.kept-1"; one that is there already
//        when it is of the same content, so that a run which fails again and again makes one.
// Never: leaves half a copy under a name that stands for a whole one, or replaces an older copy.
#pragma once

#include <string>

namespace sockwitness::schema {

// Precondition: the caller holds the recorder's lock. Throws Error.
[[nodiscard]] std::string keep_copy(const std::string& path, const char* suffix);

}  // namespace sockwitness::schema
