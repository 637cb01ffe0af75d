#include "query/read/reading.h"

#include "query/read/history_database.h"

namespace sockwitness::query {

Reading reading_of(History& history,
                   const Moments& moments,
                   const SnapshotContexts& contexts,
                   schema::SeqRange range,
                   schema::Seq latest,
                   const OnProgress& on_progress) {
  return {.database = HistoryDatabase::of(history),
          .moments = moments,
          .contexts = contexts,
          .range = range,
          .latest = latest,
          .on_progress = on_progress};
}

}  // namespace sockwitness::query
