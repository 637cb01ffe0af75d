// Snapshots put together again from the lines of `export --format jsonl`, by what schema/EXPORT.md
// says and nothing else.
//
// In:    the lines.
// Out:   snapshots, sorted canonically.
// Never: the codec, the readers or the writers of the programs.
#pragma once

#include <map>
#include <string>

#include "schema/model/snapshot.h"

namespace sockwitness::test {

struct ReplayedExport {
  std::map<std::int64_t, schema::Snapshot> snapshots;  // by seq
  std::size_t lines = 0;
  bool whole = false;  // the last line says so, with the right count
};

[[nodiscard]] ReplayedExport replay_export(const std::string& lines);

}  // namespace sockwitness::test
