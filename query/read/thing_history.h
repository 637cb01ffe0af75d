// The recorded history of a socket or a process: every version of it, and its holders.
//
// In:    rows of the database with the snapshots that saw them.
// Out:   plain values that refer to each other by origin ids.
// Never: a part of it: versions before and after the range of the question are in it, too.
#pragma once

#include <algorithm>
#include <vector>

#include "schema/disk/codec.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct SocketVersion {
  schema::SeqRange seen;
  schema::SocketRow row;
};

// By one process through one descriptor.
struct Holding {
  schema::SeqRange seen;
  schema::RowId process = 0;  // origin
  schema::Fd fd;
};

struct SocketHistory {
  schema::RowId origin = 0;
  std::vector<SocketVersion> versions;  // ascending; one begins where the one before ended
  std::vector<Holding> holdings;        // by row

  [[nodiscard]] schema::SeqRange seen() const {
    return {versions.front().seen.first, versions.back().seen.last};
  }
  // Null when the snapshot did not see it.
  [[nodiscard]] const SocketVersion* at(schema::Seq seq) const {
    const auto found =
        std::find_if(versions.begin(), versions.end(), [&](const SocketVersion& version) {
          return version.seen.contains(seq);
        });
    return found == versions.end() ? nullptr : &*found;
  }
};

struct ProcessVersion {
  schema::SeqRange seen;
  schema::ProcessRow row;
};

struct ProcessHistory {
  schema::RowId origin = 0;
  std::vector<ProcessVersion> versions;  // ascending; one begins where the one before ended

  [[nodiscard]] schema::SeqRange seen() const {
    return {versions.front().seen.first, versions.back().seen.last};
  }
  [[nodiscard]] const ProcessVersion* at(schema::Seq seq) const {
    const auto found =
        std::find_if(versions.begin(), versions.end(), [&](const ProcessVersion& version) {
          return version.seen.contains(seq);
        });
    return found == versions.end() ? nullptr : &*found;
  }
};

}  // namespace sockwitness::query
