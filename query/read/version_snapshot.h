// A partial snapshot made from histories of sockets and processes.
//
// In:    histories; the contexts of the range that the snapshot lies in.
// Out:   the positions of what was added; see PartialSnapshot.
// Never: what the snapshot did not see.
#pragma once

#include <optional>

#include "query/read/partial_snapshot.h"
#include "query/read/snapshot_contexts.h"
#include "query/read/version_reader.h"

namespace sockwitness::query {

class VersionSnapshot : public PartialSnapshot {
 public:
  // The reader must outlive this object.
  VersionSnapshot(const Moments& moments,
                  const SnapshotContexts& contexts,
                  VersionReader& reader,
                  schema::Seq seq);

  // With its holders. Nothing when the snapshot did not see it.
  std::optional<schema::SocketIndex> add(const SocketHistory& thing);
  std::optional<schema::ProcessIndex> add(const ProcessHistory& thing);

 private:
  VersionReader& reader_;
  schema::Seq seq_;
};

}  // namespace sockwitness::query
