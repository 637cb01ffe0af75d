// What the latest snapshot knew of programs, for as long as it still holds.
//
// In:    files that snapshots up to that one judged, and the time at which it began.
// Out:   the facts about one file, or nothing when they must be found out anew.
// Never: reuses a verdict across a change of the package database that it rests on.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "recorder/observe/source.h"
#include "recorder/programs/hash_cache.h"
#include "recorder/programs/ownership.h"
#include "recorder/programs/package_roots.h"
#include "schema/base/time.h"

namespace sockwitness::recorder {

struct KnownPrograms {
  std::vector<schema::Program> programs;
  // When that snapshot began. The verdicts stand while the package database of the same root has
  // not changed since. Nothing: only the digests are used. Leave it out when the clock has been
  // stepped back below it.
  std::optional<schema::WallTime> packages_as_of;
  // Files of which that snapshot could not tell whose they are: asked about again, whatever earlier
  // ones knew.
  std::vector<schema::Program> unsettled;
};

// Thread-safe.
class KnownFacts {
 public:
  explicit KnownFacts(const KnownPrograms& known);

  // Facts of the file at that path; `descriptor` is the root directory that `root` stands for.
  [[nodiscard]] std::optional<ProgramFacts> find(const schema::Program& program,
                                                 Inspection inspection,
                                                 PackageRoot& root,
                                                 int descriptor,
                                                 Whereabouts* where);

  // An upgrade put another file in the place of one that runs on. Byte for byte it is what an
  // earlier snapshot found unaltered, and so it stays, of the version of then.
  [[nodiscard]] ProgramFacts as_installed(const schema::Program& program, ProgramFacts facts) const;

 private:
  [[nodiscard]] std::optional<ProgramFacts> find_stored(const schema::Program& program,
                                                        Inspection inspection) const;

  std::optional<schema::WallTime> as_of_;
  // Package and version by path and content. Const from the start.
  std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> intact_;
  std::set<std::pair<FileKey, std::string>> unsettled_;  // const from the start
  std::multimap<std::pair<FileKey, std::string>, schema::Program>
      programs_;  // const from the start
};

}  // namespace sockwitness::recorder
