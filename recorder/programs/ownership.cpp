#include "recorder/programs/ownership.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "recorder/programs/program_gap.h"
#include "recorder/programs/rooted_open.h"

namespace sockwitness::recorder {
namespace {

using schema::PackageVerdict;

// Where a script was started by a symbolic link, the path of the file itself; nothing when that
// path does not lead to this very file.
Result<std::optional<std::string>> read_linked_path(const schema::Program& program, int root) {
  const auto real = read_real_path(root, program.path);
  if (!real) {
    return real.error();
  }
  if (real.value() == program.path || real.value().size() < 2) {
    return std::optional<std::string>();
  }
  const auto file = open_in_root(root, real.value().c_str() + 1, O_PATH | O_NOFOLLOW);
  if (!file) {
    return file.error();
  }
  struct stat status {};
  if (::fstat(file.value().get(), &status) != 0) {
    return last_error("looking at", real.value());
  }
  const bool same = schema::Device(status.st_dev) == program.device &&
                    schema::Inode(status.st_ino) == program.inode;
  return same ? std::optional(real.value()) : std::nullopt;
}

// Nothing is there, or not in that way.
bool has_no_file(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
}

void look_up(const schema::Program& program,
             const PackageDatabase& packages,
             const std::string& path,
             Ownership& ownership,
             std::vector<schema::Gap>& gaps) {
  const auto owners = packages.find_owners(path);
  if (!owners) {
    gaps.push_back(program_gap(program, owners.error().number));
    ownership.source = Ownership::Source::Unread;
    return;
  }
  for (const auto& owner : owners.value()) {
    const auto checksum = packages.read_checksum(owner);
    if (!checksum) {
      gaps.push_back(program_gap(program, checksum.error().number));
    }
    ownership.owners.push_back({owner, checksum ? checksum.value() : std::nullopt, checksum.ok()});
  }
}

}  // namespace

Ownership read_ownership(const schema::Program& program,
                         PackageRoot& root,
                         int descriptor,
                         Whereabouts* where,
                         std::vector<schema::Gap>& gaps) {
  Ownership ownership;
  const auto database = root.database(descriptor, where);
  if (!database || database.value() == nullptr) {
    if (!database) {
      gaps.push_back(program_gap(program, database.error().number));
    }
    ownership.source = database ? Ownership::Source::Absent : Ownership::Source::Unread;
    return ownership;
  }
  const auto& packages = *database.value();
  look_up(program, packages, program.path, ownership, gaps);
  if (gaps.empty() && !has_checksum(ownership) && program.state == schema::FileState::Present) {
    const auto real = read_linked_path(program, descriptor);
    if (real && real.value()) {
      look_up(program, packages, *real.value(), ownership, gaps);
    } else if (!real && !has_no_file(real.error().number)) {
      gaps.push_back(program_gap(program, real.error().number));
      ownership.source = Ownership::Source::Unread;
    }
  }
  const bool found = !ownership.owners.empty();
  if (packages.diversions_missing() || (!found && packages.lists_missing())) {
    const auto& missing =
        packages.diversions_missing() ? packages.diversions_missing() : packages.lists_missing();
    gaps.push_back(program_gap(program, missing->number));
    ownership.source = Ownership::Source::Unread;
  } else if (found && packages.versions_missing()) {
    gaps.push_back(program_gap(program, packages.versions_missing()->number));
  }
  return ownership;
}

bool has_checksum(const Ownership& ownership) {
  return std::any_of(ownership.owners.begin(), ownership.owners.end(), [](const auto& owner) {
    return owner.checksum.has_value();
  });
}

namespace {

PackageVerdict verdict_without_owner(Ownership::Source source) {
  switch (source) {
    case Ownership::Source::Read:
      return PackageVerdict::NotOwned;
    case Ownership::Source::Absent:
      return PackageVerdict::NoDatabase;
    case Ownership::Source::Unread:
      break;
  }
  return PackageVerdict::Unknown;
}

}  // namespace

ProgramFacts judge(const Ownership& ownership, const ContentHash* content) {
  ProgramFacts facts;
  facts.sha256 = content == nullptr ? std::string{} : content->sha256;
  if (ownership.owners.empty()) {
    facts.verdict = verdict_without_owner(ownership.source);
    return facts;
  }
  // The verdict of the owner whom the content speaks for most: one that matches before one that
  // differs before one that promised nothing.
  const Ownership::Owner* chosen = &ownership.owners.front();
  facts.verdict = PackageVerdict::NotChecked;
  if (content != nullptr) {
    facts.verdict = PackageVerdict::NoChecksum;
    for (const auto& owner : ownership.owners) {
      if (!owner.checksum || facts.verdict == PackageVerdict::Matches) {
        continue;
      }
      if (!content->md5) {
        facts.verdict = PackageVerdict::NotChecked;
      } else if (*owner.checksum == *content->md5) {
        facts.verdict = PackageVerdict::Matches;
        chosen = &owner;
      } else if (facts.verdict != PackageVerdict::Differs) {
        facts.verdict = PackageVerdict::Differs;
        chosen = &owner;
      }
    }
  }
  const bool all_read = ownership.source == Ownership::Source::Read &&
                        std::all_of(ownership.owners.begin(),
                                    ownership.owners.end(),
                                    [](const auto& owner) { return owner.checksum_read; });
  if (!all_read && facts.verdict != PackageVerdict::Matches) {
    facts.verdict = PackageVerdict::Unknown;
  }
  facts.package = chosen->package.package;
  facts.version = chosen->package.version;
  return facts;
}

}  // namespace sockwitness::recorder
