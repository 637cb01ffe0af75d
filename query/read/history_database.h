// The file behind a history, for the readers of this folder.
//
// In:    an opened history.
// Out:   its database; the reference is valid as long as the history.
// Never: included outside this folder: everything else gets the values that a reader returns.
#pragma once

#include "query/read/history.h"
#include "schema/disk/database.h"

namespace sockwitness::query {

struct HistoryDatabase {
  [[nodiscard]] static schema::Database& of(History& history);
};

}  // namespace sockwitness::query
