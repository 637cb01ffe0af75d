// Who made a running file: its content hash, the package that owns its path, and whether the two
// agree.
//
// In:    a program whose path, identity and state are set, a way to open the running file, and the
//        process's root directory; what the latest snapshot knew.
// Out:   sha256, verdict, package and version; gaps for what could not be read.
// Never: opens the file by its path, runs dpkg, or judges a container by the host's packages.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "recorder/observe/hangs.h"
#include "recorder/observe/source.h"
#include "recorder/programs/hash_cache.h"
#include "recorder/programs/known_programs.h"
#include "recorder/programs/ownership.h"
#include "recorder/programs/package_roots.h"

namespace sockwitness::recorder {

struct InspectorOptions {
  std::uint64_t largest_file = 1U << 30U;  // bytes; larger ones are a gap
  std::size_t foreign_databases = 64;
  const Hangs* hangs = nullptr;  // package databases that are not to be touched
};

class FileInspector : public ProgramInspector {
 public:
  explicit FileInspector(const KnownPrograms& known, InspectorOptions options = {});

  std::vector<schema::Gap> inspect(schema::Program& program,
                                   Inspection inspection,
                                   const std::function<Result<UniqueFd>()>& open_content,
                                   int root,
                                   Whereabouts* where = nullptr) override;

  // Whoever is in a package database now: after a pass, those that hang.
  [[nodiscard]] std::vector<Hang> list_readers();

 private:
  // Everything that an answer depends on; the same question has the same answer for a whole run.
  struct Question {
    RootKey root;
    FileKey file;
    std::string path;
    schema::FileState state = schema::FileState::Present;
    Inspection inspection = Inspection::Content;
    friend auto operator<=>(const Question&, const Question&) = default;
  };

  ProgramFacts read_facts(const schema::Program& program,
                          Inspection inspection,
                          const Ownership& ownership,
                          const std::function<Result<UniqueFd>()>& open_content,
                          Whereabouts* where,
                          std::vector<schema::Gap>& gaps);
  Result<ContentHash> read_content(const schema::Program& program,
                                   bool with_md5,
                                   const std::function<Result<UniqueFd>()>& open_content,
                                   Whereabouts* where);
  [[nodiscard]] bool is_known_to_hang(const RootKey& root) const;

  InspectorOptions options_;
  HashCache hashes_;
  std::map<FileKey, std::string> if_sealed_;  // SHA-256 of memory files in the latest snapshot
  KnownFacts known_;
  PackageRoots roots_;
  std::mutex mutex_;
  std::map<Question, ProgramFacts> answers_;  // under mutex_; only those without a gap
};

}  // namespace sockwitness::recorder
