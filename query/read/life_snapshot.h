// A partial snapshot made from whole lives of sockets and processes.
//
// In:    lives; the surroundings of the stretch that the snapshot lies in.
// Out:   the positions of what was added; see PartialSnapshot.
// Never: what the snapshot did not see.
#pragma once

#include <optional>

#include "query/read/life_reader.h"
#include "query/read/partial_snapshot.h"
#include "query/read/surroundings.h"

namespace sockwitness::query {

class LifeSnapshot : public PartialSnapshot {
 public:
  // The reader must outlive this object.
  LifeSnapshot(const Moments& moments,
               const Surroundings& surroundings,
               LifeReader& reader,
               schema::Seq seq);

  // With its holders. Nothing when the snapshot did not see it.
  std::optional<schema::SocketIndex> add(const SocketLife& life);
  std::optional<schema::ProcessIndex> add(const ProcessLife& life);

 private:
  LifeReader& reader_;
  schema::Seq seq_;
};

}  // namespace sockwitness::query
