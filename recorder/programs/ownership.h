// Who owns a program's path below its root, and what the content says to that.
//
// In:    a program, the packages of its root; later the digests of its content.
// Out:   the owners with their checksums; a verdict with the package that it rests on.
// Never: answers "not owned" where a part of the database could not be read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/programs/content_hash.h"
#include "recorder/programs/package_roots.h"
#include "schema/model/gap.h"
#include "schema/model/program.h"

namespace sockwitness::recorder {

struct Ownership {
  struct Owner {
    PackageOwner package;
    std::optional<Md5> checksum;
    bool checksum_read = true;  // false: whether there is one is not known
  };
  enum class Source {
    Read,
    Absent,  // there is no database
    Unread   // of it, or a part of it that may decide, nothing is known
  };
  std::vector<Owner> owners;
  Source source = Source::Read;
};

// `descriptor` is the root directory that `root` stands for.
Ownership read_ownership(const schema::Program& program,
                         PackageRoot& root,
                         int descriptor,
                         Whereabouts* where,
                         std::vector<schema::Gap>& gaps);

// What a snapshot stores of a program besides its identity.
struct ProgramFacts {
  std::string sha256;
  schema::PackageVerdict verdict = schema::PackageVerdict::NotOwned;
  std::string package;
  std::string version;
  friend bool operator==(const ProgramFacts&, const ProgramFacts&) = default;
};

// `content`: null when it was not hashed.
[[nodiscard]] ProgramFacts judge(const Ownership& ownership, const ContentHash* content);

[[nodiscard]] bool has_checksum(const Ownership& ownership);

// It has no path that a package could own.
[[nodiscard]] inline bool is_anonymous(schema::FileState state) {
  return state == schema::FileState::Deleted || state == schema::FileState::Memfd;
}

[[nodiscard]] inline bool is_owned(schema::PackageVerdict verdict) {
  return verdict != schema::PackageVerdict::NotOwned &&
         verdict != schema::PackageVerdict::NoDatabase;
}

}  // namespace sockwitness::recorder
