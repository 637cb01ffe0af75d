#include "query/read/last_sight.h"

#include "query/read/sightings.h"

namespace sockwitness::query {

std::optional<schema::Seq> find_last_sight(History& history, const Filter& filter) {
  std::optional<schema::Seq> last;
  const Moments moments = history.moments();
  if (moments.empty()) {
    return last;
  }
  const schema::SeqRange all{moments[0].seq, moments[moments.size() - 1].seq};
  const Tick tick = no_tick();
  history.read([&] {
    SightingReader reader(history, moments, all, all.last, tick);
    reader.visit_sockets(filter, [&](const Sighting& sighting, const SeenThings&) {
      if (!sighting.places.empty()) {
        last = sighting.snapshots.last;
      }
    });
  });
  return last;
}

}  // namespace sockwitness::query
