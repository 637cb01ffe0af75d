// The default path of the database.
//
// In:    what --db said, or nothing; the environment; the effective user.
// Out:   a path, and whether it is the usual place (whose directory the recorder makes itself).
// Never: looks at the file.
#pragma once

#include <string>

namespace sockwitness::schema {

struct DatabasePlace {
  std::string path;
  bool usual = false;
};

// --db, then SOCKWITNESS_DB, then /var/lib/sockwitness/witness.db for root and
// $XDG_STATE_HOME/sockwitness/witness.db (default ~/.local/state) for everybody else.
[[nodiscard]] DatabasePlace find_database(const std::string& option);

}  // namespace sockwitness::schema
