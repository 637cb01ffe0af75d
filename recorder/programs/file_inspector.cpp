#include "recorder/programs/file_inspector.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "recorder/os/timespec.h"
#include "recorder/programs/program_gap.h"

namespace sockwitness::recorder {
namespace {

FileKey key_of(const struct stat& status) {
  return {schema::Device(status.st_dev),
          schema::Inode(status.st_ino),
          static_cast<std::uint64_t>(status.st_size),
          to_nanoseconds(status.st_mtim),
          to_nanoseconds(status.st_ctim)};
}

// Source: fcntl(2), "File Sealing". Only files in memory can be sealed, and no seal can be broken.
bool is_sealed(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_WRITE) != 0;
}

void fill(schema::Program& program, const ProgramFacts& facts) {
  program.sha256 = facts.sha256;
  program.verdict = facts.verdict;
  program.package = facts.package;
  program.package_version = facts.version;
}

}  // namespace

bool FileInspector::is_known_to_hang(const RootKey& root) const {
  const schema::Device device(root.device);
  return options_.hangs != nullptr &&
         (options_.hangs->has_device(device) ||
          options_.hangs->has_packages(device, schema::Inode(root.inode)));
}

std::vector<Hang> FileInspector::list_readers() {
  std::vector<Hang> readers;
  for (const auto& root : roots_.list()) {
    for (const pid_t reader : root->readers()) {
      Hang hang;
      hang.thread = schema::Pid(reader);
      hang.what = kPackagesHang;
      hang.device = schema::Device(root->key().device);
      hang.inode = schema::Inode(root->key().inode);
      readers.push_back(std::move(hang));
    }
  }
  return readers;
}

FileInspector::FileInspector(const KnownPrograms& known, InspectorOptions options)
    : options_(options), known_(known), roots_(options.foreign_databases) {
  for (const auto& program : known.programs) {
    if (program.sha256.empty()) {
      continue;
    }
    // A memory file can be written through a mapping without a change of its times, unless sealed.
    if (program.state == schema::FileState::Memfd) {
      if_sealed_.emplace(file_key(program), program.sha256);
    } else {
      hashes_.remember(file_key(program), program.sha256);
    }
  }
}

std::vector<schema::Gap> FileInspector::inspect(
    schema::Program& program,
    Inspection inspection,
    const std::function<Result<UniqueFd>()>& open_content,
    int root,
    Whereabouts* where) {
  std::vector<schema::Gap> gaps;
  Ownership ownership;
  const auto place = roots_.find(root);
  const bool hangs = place && is_known_to_hang(place.value()->key());
  if (!place || hangs) {
    ownership.source = Ownership::Source::Unread;
    gaps.push_back(program_gap(program, hangs ? ETIMEDOUT : place.error().number));
    fill(program, read_facts(program, inspection, ownership, open_content, where, gaps));
    return gaps;
  }
  Question question{
      place.value()->key(), file_key(program), program.path, program.state, inspection};
  {
    const std::scoped_lock lock(mutex_);
    if (const auto answer = answers_.find(question); answer != answers_.end()) {
      fill(program, answer->second);
      return gaps;
    }
  }
  if (const auto facts = known_.find(program, inspection, *place.value(), root, where)) {
    fill(program, *facts);
    return gaps;
  }
  if (!is_anonymous(program.state)) {
    const PackageRoot::Visit visit(*place.value());
    ownership = read_ownership(program, *place.value(), root, where, gaps);
  }
  const auto facts = known_.as_installed(
      program, read_facts(program, inspection, ownership, open_content, where, gaps));
  fill(program, facts);
  if (gaps.empty()) {
    const std::scoped_lock lock(mutex_);
    answers_.emplace(std::move(question), facts);
  }
  return gaps;
}

ProgramFacts FileInspector::read_facts(const schema::Program& program,
                                       Inspection inspection,
                                       const Ownership& ownership,
                                       const std::function<Result<UniqueFd>()>& open_content,
                                       Whereabouts* where,
                                       std::vector<schema::Gap>& gaps) {
  if (inspection == Inspection::OwnedOrNot && !ownership.owners.empty()) {
    return judge(ownership, nullptr);
  }
  const bool with_md5 = has_checksum(ownership);
  const auto content = read_content(program, with_md5, open_content, where);
  if (!content) {
    gaps.push_back(program_gap(program, content.error().number));
    return judge(ownership, nullptr);
  }
  if (with_md5 && !content.value().md5) {
    gaps.push_back(program_gap(program, ENOTSUP));
  }
  return judge(ownership, &content.value());
}

Result<ContentHash> FileInspector::read_content(
    const schema::Program& program,
    bool with_md5,
    const std::function<Result<UniqueFd>()>& open_content,
    Whereabouts* where) {
  if (program.size > options_.largest_file) {
    return SysError{EFBIG, "hashing", program.path};
  }
  const auto key = file_key(program);
  return hashes_.find_or_compute(
      key, with_md5, where, [&](const auto& tick) -> Result<ContentHash> {
        const Asking asking(where, program.device);
        const auto file = open_content();
        if (!file) {
          return file.error();
        }
        const int fd = file.value().get();
        struct stat status {};
        if (::fstat(fd, &status) != 0) {
          return last_error("looking at", program.path);
        }
        if (!S_ISREG(status.st_mode)) {
          return SysError{EINVAL, "hashing", program.path};
        }
        if (key_of(status) != key) {
          return SysError{ESTALE, "hashing", program.path};
        }
        if (const auto earlier = if_sealed_.find(key);
            earlier != if_sealed_.end() && is_sealed(fd)) {
          return ContentHash{earlier->second, std::nullopt};
        }
        auto hash = read_content_hash(fd, options_.largest_file, with_md5, tick);
        if (hash && (::fstat(fd, &status) != 0 || key_of(status) != key)) {
          return SysError{ESTALE, "hashing", program.path};
        }
        return hash;
      });
}

}  // namespace sockwitness::recorder
