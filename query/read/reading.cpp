#include "query/read/reading.h"

#include "query/read/history_database.h"

namespace sockwitness::query {

Reading reading_of(History& history,
                   const Moments& moments,
                   const Surroundings& around,
                   schema::SeqRange stretch,
                   schema::Seq latest,
                   const Tick& tick) {
  return {HistoryDatabase::of(history), moments, around, stretch, latest, tick};
}

}  // namespace sockwitness::query
