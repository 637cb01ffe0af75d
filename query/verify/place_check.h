// Where the file lies: what lies beside it, and which users could have changed it.
//
// In:    the path of a database.
// Out:   faults that make it worthless as evidence; remarks.
// Never: opens anything for writing, or the database itself.
#pragma once

#include <string>

#include "query/verify/verdict.h"

namespace sockwitness::query {

// Links, names, modes and owner of the file; journals and logs beside it with their digests.
void check_place(const std::string& path, Verdict& verdict);

// A journal or a log with content lies beside it.
[[nodiscard]] bool has_sidecar(const std::string& path);

}  // namespace sockwitness::query
