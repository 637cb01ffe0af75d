// Who keeps a database locked.
//
// In:    its path. Precondition: this process has no connection to it (POSIX locks).
// Out:   a process, or nothing when nobody does any more or it cannot be told; or that the file
//        cannot be locked at all, which SQLite says in the same word.
// Never: waits, or keeps a lock.
#pragma once

#include <optional>
#include <string>

#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct LockLook {
  std::optional<schema::Pid> holder;
  int error = 0;  // errno of a lock that fails and is not held; 0: locks work
};
[[nodiscard]] LockLook look_at_lock(const std::string& database_path);

// "python3(4711)"; "process 4711" where its name cannot be read.
[[nodiscard]] std::string holder_words(schema::Pid pid);

}  // namespace sockwitness::recorder
