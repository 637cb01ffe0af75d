#include "query/read/deltas.h"

#include "query/read/history_database.h"

namespace sockwitness::query {

schema::DeltaReader read_deltas(History& history) {
  return schema::DeltaReader(HistoryDatabase::of(history));
}

}  // namespace sockwitness::query
