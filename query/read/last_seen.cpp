#include "query/read/last_seen.h"

#include "query/read/observations.h"

namespace sockwitness::query {

std::optional<schema::Seq> find_last_seen(History& history, const Filter& filter) {
  std::optional<schema::Seq> last;
  const Moments moments = history.moments();
  if (moments.empty()) {
    return last;
  }
  const schema::SeqRange all{moments[0].seq, moments[moments.size() - 1].seq};
  const OnProgress on_progress = no_progress();
  history.read([&] {
    ObservationReader reader(history, moments, all, all.last, on_progress);
    reader.visit_sockets(filter, [&](const Observation& observation, const ObservedThings&) {
      if (!observation.places.empty()) {
        last = observation.snapshots.last;
      }
    });
  });
  return last;
}

}  // namespace sockwitness::query
