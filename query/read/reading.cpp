#include "query/read/reading.h"

#include "query/read/history_database.h"

namespace sockwitness::query {

Reading reading_of(History& history,
                   const Moments& moments,
                   const SnapshotContexts& contexts,
                   schema::SeqRange stretch,
                   schema::Seq latest,
                   const OnProgress& on_progress) {
  return {HistoryDatabase::of(history), moments, contexts, stretch, latest, on_progress};
}

}  // namespace sockwitness::query
