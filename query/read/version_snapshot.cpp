#include "query/read/version_snapshot.h"

namespace sockwitness::query {

VersionSnapshot::VersionSnapshot(const Moments& moments,
                                 const SnapshotContexts& contexts,
                                 VersionReader& reader,
                                 schema::Seq seq)
    : PartialSnapshot(
          moments,
          seq,
          [&](schema::Snapshot& snapshot) { return contexts.fill(snapshot, seq); },
          [&reader](schema::RowId id) -> const schema::Program& { return reader.program(id); }),
      reader_(reader),
      seq_(seq) {
}

std::optional<schema::ProcessIndex> VersionSnapshot::add(const ProcessHistory& thing) {
  const ProcessVersion* version = thing.at(seq_);
  return version == nullptr ? std::nullopt
                            : std::optional(PartialSnapshot::add(thing.origin, version->row));
}

std::optional<schema::SocketIndex> VersionSnapshot::add(const SocketHistory& thing) {
  const SocketVersion* version = thing.at(seq_);
  if (version == nullptr) {
    return std::nullopt;
  }
  const schema::SocketIndex index = PartialSnapshot::add(version->row);
  for (const Holding& holding : thing.holdings) {
    if (!holding.seen.contains(seq_)) {
      continue;
    }
    if (const auto process = add(reader_.process(holding.process))) {
      add_holder(index, *process, holding.fd);
    }
  }
  return index;
}

}  // namespace sockwitness::query
