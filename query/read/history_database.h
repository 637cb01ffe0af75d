// The file behind a history, for the readers of this folder.
//
// In:    an opened history.
// Out:   its database, as long as the history lives.
// Never: included outside this folder: what else asks is handed what a reader has read.
#pragma once

#include "query/read/history.h"
#include "schema/disk/database.h"

namespace sockwitness::query {

struct HistoryDatabase {
  [[nodiscard]] static schema::Database& of(History& history);
};

}  // namespace sockwitness::query
