#include "recorder/proc/program_reader.h"

#include <fcntl.h>

#include <algorithm>
#include <set>
#include <utility>

#include "recorder/os/dir.h"
#include "recorder/os/error_number.h"
#include "recorder/os/rooted_file.h"
#include "recorder/os/timespec.h"
#include "recorder/proc/gap_reason.h"
#include "recorder/proc/link_text.h"

namespace sockwitness::recorder {
namespace {

using schema::FileState;
using schema::PackageVerdict;
using schema::Program;

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

Program describe(const struct stat& status) {
  Program program;
  program.device = schema::Device(status.st_dev);
  program.inode = schema::Inode(status.st_ino);
  program.size = static_cast<std::uint64_t>(status.st_size);
  program.mtime_ns = to_nanoseconds(status.st_mtim);
  program.ctime_ns = to_nanoseconds(status.st_ctim);
  return program;
}

// Worth a row of its own: not the unaltered file of a package.
bool is_foreign(const Program& program) {
  return program.state == FileState::Deleted || program.state == FileState::Memfd ||
         program.state == FileState::Replaced || program.verdict == PackageVerdict::NotOwned ||
         program.verdict == PackageVerdict::NoDatabase ||
         program.verdict == PackageVerdict::Differs;
}

}  // namespace

ProgramReader::Occupant ProgramReader::look_at(const std::string& path,
                                               const struct stat& identity,
                                               std::vector<schema::Gap>& gaps) const {
  const auto found = roots_.mounts < 0 ? Result<RootedFile>(SysError{EACCES, "opening", "root"})
                                       : find_below(roots_.mounts, path);
  if (!found) {
    const int number = found.error().number;
    if (is_absent(number)) {
      return Occupant::Nothing;
    }
    gaps.push_back({.source = schema::GapSource::Program,
                    .reason = gap_reason(number),
                    .netns = {},
                    .pid = {},
                    .object = schema::GapObject::of_text(path),
                    .error_number = number});
    return Occupant::Unknown;
  }
  return same_file(found.value().status, identity) ? Occupant::Same : Occupant::Other;
}

bool ProgramReader::hangs(schema::Device device) const {
  return watch_.hangs != nullptr && watch_.hangs->has_device(device);
}

bool ProgramReader::is_memfd(const struct stat& status) const {
  return std::find(memfd_devices_.begin(), memfd_devices_.end(), schema::Device(status.st_dev)) !=
         memfd_devices_.end();
}

// The kernel appends " (deleted)" to the path of a file whose name is gone, even while other hard
// links keep it; a file can also be called that way. So a text without the suffix is the path, and
// one with it is looked up.
void ProgramReader::name_file(Program& program,
                              std::string text,
                              const struct stat& status,
                              std::vector<schema::Gap>& gaps) const {
  const bool suffixed = text.ends_with(kDeletedSuffix);
  if (!suffixed && status.st_nlink > 0) {
    program.path = std::move(text);
    program.state = FileState::Present;
    return;
  }
  if (suffixed && status.st_nlink > 0) {
    const Occupant literal = look_at(text, status, gaps);
    if (literal == Occupant::Same || literal == Occupant::Unknown) {
      program.state = literal == Occupant::Same ? FileState::Present : FileState::Unknown;
      program.path = std::move(text);
      return;
    }
  }
  if (suffixed) {
    text.resize(text.size() - kDeletedSuffix.size());
  }
  program.path = std::move(text);
  if (status.st_nlink == 0 && program.path.starts_with("/memfd:") && is_memfd(status)) {
    program.state = FileState::Memfd;
    return;
  }
  // Where no such file of our own could be made, nobody knows where they live.
  if (memfd_devices_.empty() && status.st_nlink == 0 && program.path.starts_with("/memfd:")) {
    program.state = FileState::Unknown;
    return;
  }
  switch (look_at(program.path, status, gaps)) {
    case Occupant::Same:
      program.state = FileState::Present;
      break;
    case Occupant::Other:
      program.state = FileState::Replaced;
      break;
    case Occupant::Nothing:
      program.state = FileState::Deleted;
      break;
    case Occupant::Unknown:
      program.state = FileState::Unknown;
      break;
  }
}

Result<struct stat> ProgramReader::look_at_program() const {
  if (watch_.where != nullptr) {
    watch_.where->at_program = true;
  }
  auto status = stat_at(process_, "exe");
  if (watch_.where != nullptr) {
    watch_.where->at_program = false;
  }
  return status;
}

Result<Program> ProgramReader::read_executable(std::vector<schema::Gap>& gaps) {
  auto link = read_link_at(process_, "exe");
  if (!link) {
    return link.error();
  }
  if (watch_.hangs != nullptr && watch_.hangs->any()) {
    const auto identity = read_identity_at(process_, "exe");
    if (identity && hangs(schema::Device(identity.value().device))) {
      return SysError{ETIMEDOUT, "looking at", "exe"};
    }
  }
  const auto status = look_at_program();
  if (!status) {
    return status.error();
  }
  if (!link.value().starts_with('/')) {
    return SysError{EBADMSG, "reading link", "exe"};
  }
  Program program = describe(status.value());
  name_file(program, std::move(link.value()), status.value(), gaps);
  return program;
}

void ProgramReader::inspect(Program& program,
                            Inspection inspection,
                            const std::function<Result<UniqueFd>()>& open,
                            int root,
                            std::vector<schema::Gap>& gaps) {
  auto found = inspector_.inspect(program, inspection, open, root, watch_.where);
  std::move(found.begin(), found.end(), std::back_inserter(gaps));
}

void ProgramReader::inspect_executable(Program& program, std::vector<schema::Gap>& gaps) {
  const auto open = [this] { return open_at(process_, "exe", O_RDONLY | O_NOCTTY); };
  inspect(program, Inspection::Content, open, roots_.mounts, gaps);
}

Result<std::optional<Program>> ProgramReader::read_script(const std::string& path,
                                                          std::vector<schema::Gap>& gaps) {
  if (roots_.process < 0) {
    return SysError{EACCES, "opening", "root"};
  }
  const auto file = find_below(roots_.process, path);
  if (!file) {
    const int number = file.error().number;
    // ELOOP: a link of /proc, as in "/dev/fd/63". Neither it nor a missing file is a failure.
    if (is_absent(number) || number == ELOOP) {
      return std::optional<Program>();
    }
    return file.error();
  }
  if (!S_ISREG(file.value().status.st_mode)) {
    return std::optional<Program>();
  }
  Program program = describe(file.value().status);
  program.path = path;
  const auto open = [&file] { return open_content(file.value().handle); };
  inspect(program, Inspection::Content, open, roots_.process, gaps);
  return std::optional(std::move(program));
}

bool ProgramReader::is_folder(const std::string& path) const {
  if (roots_.process < 0) {
    return false;
  }
  const auto found = find_below(roots_.process, path);
  return found && S_ISDIR(found.value().status.st_mode);
}

// The link below map_files is the file itself, but needs a right that a confined recorder lacks;
// the path is what everyone may look up. Devices differ on overlay and btrfs, where maps and stat
// count them differently, so the inode decides.
Result<Program> ProgramReader::read_mapping(const ExecutableMapping& mapping,
                                            std::vector<schema::Gap>& gaps) {
  const bool suffixed = mapping.path.ends_with(kDeletedSuffix);
  if (!suffixed && roots_.mounts >= 0) {
    const auto file = [&] {
      const Asking asking(watch_.where, mapping.device);
      return find_below(roots_.mounts, mapping.path);
    }();
    if (file && schema::Inode(file.value().status.st_ino) == mapping.inode) {
      Program program = describe(file.value().status);
      program.path = mapping.path;
      const auto open = [&file] { return open_content(file.value().handle); };
      inspect(program, Inspection::OwnedOrNot, open, roots_.mounts, gaps);
      return program;
    }
  }
  const std::string exact = "map_files/" + mapping.range;
  struct stat status {};
  if (const auto found = stat_at(process_, exact.c_str()); found) {
    status = found.value();
  } else if (suffixed) {  // it can still be named, though not looked into
    status.st_dev = mapping.device.value();
    status.st_ino = mapping.inode.value();
  } else {
    return found.error();
  }
  Program program = describe(status);
  name_file(program, mapping.path, status, gaps);
  const auto open = [this, &exact] { return open_at(process_, exact.c_str(), O_RDONLY); };
  inspect(program, Inspection::OwnedOrNot, open, roots_.mounts, gaps);
  return program;
}

ProgramReader::Mappings ProgramReader::read_mappings(const std::vector<ExecutableMapping>& mappings,
                                                     const std::optional<Program>& executable,
                                                     std::vector<schema::Gap>& gaps) {
  Mappings result;
  std::set<std::pair<schema::Device, schema::Inode>> seen;
  for (const auto& mapping : mappings) {
    const bool main_program =
        executable && mapping.inode == executable->inode &&
        (mapping.device == executable->device || mapping.path.starts_with(executable->path));
    if (main_program || !seen.emplace(mapping.device, mapping.inode).second) {
      continue;
    }
    if (hangs(mapping.device)) {
      result.incomplete = ETIMEDOUT;
      continue;
    }
    const std::size_t known_gaps = gaps.size();
    auto read = read_mapping(mapping, gaps);
    if (!read) {
      result.incomplete = result.incomplete == 0 ? read.error().number : result.incomplete;
      continue;
    }
    Program& program = read.value();
    if (program.state == FileState::Unknown || program.verdict == PackageVerdict::Unknown) {
      result.incomplete = gaps.size() > known_gaps ? gaps.back().error_number : EACCES;
    }
    (is_foreign(program) ? result.foreign : result.owned).push_back(std::move(program));
  }
  return result;
}

}  // namespace sockwitness::recorder
