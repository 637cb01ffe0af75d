#include "recorder/programs/ownership.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "recorder/programs/program_gap.h"
#include "recorder/programs/rooted_open.h"

namespace sockwitness::recorder {
namespace {

using schema::PackageVerdict;

// Where a script was started by a symbolic link, the path of the file itself; nothing when that
// path does not lead to this very file.
std::optional<std::string> read_linked_path(const schema::Program& program, int root) {
  const auto real = read_real_path(root, program.path);
  if (!real || real.value() == program.path || real.value().size() < 2) {
    return std::nullopt;
  }
  const auto file = open_in_root(root, real.value().c_str() + 1, O_PATH | O_NOFOLLOW);
  struct stat status {};
  if (!file || ::fstat(file.value().get(), &status) != 0 ||
      schema::Device(status.st_dev) != program.device ||
      schema::Inode(status.st_ino) != program.inode) {
    return std::nullopt;
  }
  return real.value();
}

void look_up(const schema::Program& program,
             const PackageDatabase& packages,
             const std::string& path,
             Ownership& ownership,
             std::vector<schema::Gap>& gaps) {
  const auto owners = packages.find_owners(path);
  if (!owners) {
    gaps.push_back(program_gap(program, owners.error().number));
    ownership.known = false;
    return;
  }
  for (const auto& owner : owners.value()) {
    const auto checksum = packages.read_checksum(owner);
    if (!checksum) {
      gaps.push_back(program_gap(program, checksum.error().number));
    }
    ownership.owners.push_back({owner, checksum ? checksum.value() : std::nullopt});
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
    ownership.known = false;
    return ownership;
  }
  const auto& packages = *database.value();
  look_up(program, packages, program.path, ownership, gaps);
  if (gaps.empty() && !has_checksum(ownership) && program.state == schema::FileState::Present) {
    if (const auto real = read_linked_path(program, descriptor)) {
      look_up(program, packages, *real, ownership, gaps);
    }
  }
  if (ownership.owners.empty() && ownership.known && packages.missing()) {
    gaps.push_back(program_gap(program, packages.missing()->number));
    ownership.known = false;
  }
  return ownership;
}

bool has_checksum(const Ownership& ownership) {
  return std::any_of(ownership.owners.begin(), ownership.owners.end(), [](const auto& owner) {
    return owner.checksum.has_value();
  });
}

ProgramFacts judge(const Ownership& ownership, const ContentHash* content) {
  ProgramFacts facts;
  facts.sha256 = content == nullptr ? std::string{} : content->sha256;
  if (ownership.owners.empty()) {
    facts.verdict = ownership.known ? PackageVerdict::NotOwned : PackageVerdict::NoDatabase;
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
  facts.package = chosen->package.package;
  facts.version = chosen->package.version;
  return facts;
}

}  // namespace sockwitness::recorder
