#include "recorder/programs/package_database.h"

#include <fcntl.h>

#include <algorithm>
#include <functional>

#include "recorder/os/dir.h"
#include "recorder/programs/rooted_open.h"

namespace sockwitness::recorder {
namespace {

constexpr std::uint64_t kPackageBits = 16;
constexpr std::uint64_t kPackageMask = (1U << kPackageBits) - 1;
// A root may belong to somebody who wants the recorder to run out of memory.
constexpr std::size_t kMostPaths = 8U << 20U;
constexpr std::size_t kLargestFile = 64U << 20U;
constexpr std::size_t kLongestVersion = 1024;  // it is kept with each file of the package
constexpr std::string_view kListSuffix = ".list";

std::uint64_t path_bits(std::string_view path) {
  return std::hash<std::string_view>{}(path) & ~kPackageMask;
}

// A file that dpkg writes in whole lines: what is cut would be taken for less.
Result<std::size_t> read_lines(int directory,
                               const std::string& name,
                               std::string& content,
                               bool may_be_empty = false) {
  auto read = read_in_root(directory, name.c_str(), content, kLargestFile);
  if (read && !content.ends_with('\n') && !(may_be_empty && content.empty())) {
    return SysError{EBADMSG, "reading", name};
  }
  return read;
}

// Every three lines are one diversion.
bool scan_failed(std::string_view content, std::size_t diversions) {
  constexpr std::size_t kLines = 3;
  const auto lines = static_cast<std::size_t>(std::count(content.begin(), content.end(), '\n'));
  return lines != diversions * kLines || (!content.empty() && !content.ends_with('\n'));
}

// "libc6" of "libc6:amd64": diversions name no architecture.
std::string_view without_architecture(std::string_view name) {
  return name.substr(0, name.find(':'));
}

}  // namespace

Result<PackageDatabase> PackageDatabase::read_from(int root, const std::function<void()>& tick) {
  const auto dpkg = open_in_root(root, "var/lib/dpkg", O_RDONLY | O_DIRECTORY);
  if (!dpkg) {
    return dpkg.error();
  }
  // Images without packages keep the folder; dpkg itself always keeps the status file.
  if (const auto status = stat_at(dpkg.value().get(), "status", AT_SYMLINK_NOFOLLOW); !status) {
    return status.error();
  }
  auto info = open_in_root(dpkg.value().get(), "info", O_RDONLY | O_DIRECTORY);
  if (!info) {
    return info.error();
  }
  PackageDatabase database;
  database.info_ = std::move(info.value());
  auto aliases = RootAliases::read_from(root);
  if (!aliases) {
    return aliases.error();
  }
  database.aliases_ = std::move(aliases.value());
  if (const auto read = database.read_lists(tick); !read) {
    return read.error();
  }
  database.read_status(dpkg.value().get());
  database.judge_empty_lists();
  database.read_diversions(dpkg.value().get());
  return database;
}

Result<std::size_t> PackageDatabase::read_lists(const std::function<void()>& tick) {
  const auto entries = list_directory(info_.get());
  if (!entries) {
    return entries.error();
  }
  for (const auto& entry : entries.value()) {
    if (entry.name.ends_with(kListSuffix)) {
      packages_.push_back({entry.name.substr(0, entry.name.size() - kListSuffix.size()), {}});
    }
  }
  if (packages_.size() > kPackageMask) {
    return SysError{E2BIG, "reading", "var/lib/dpkg/info"};
  }
  std::sort(packages_.begin(), packages_.end(), [](const Package& left, const Package& right) {
    return left.name < right.name;
  });
  std::string content;
  std::string buffer;
  for (std::size_t index = 0; index < packages_.size(); ++index) {
    tick();
    const std::string file = packages_[index].name + std::string(kListSuffix);
    if (const auto read = read_lines(info_.get(), file, content, true); !read) {
      lists_missing_ = lists_missing_ ? lists_missing_ : read.error();
      continue;
    }
    packages_[index].empty = content.empty();
    visit_list(content, [&](std::string_view path) {
      paths_.push_back(path_bits(aliases_.canonical(path, buffer)) | index);
    });
    if (paths_.size() > kMostPaths) {
      return SysError{E2BIG, "reading", "var/lib/dpkg/info"};
    }
  }
  paths_.shrink_to_fit();
  std::sort(paths_.begin(), paths_.end());
  return paths_.size();
}

void PackageDatabase::read_status(int dpkg) {
  std::string content;
  if (const auto read = read_lines(dpkg, "status", content); !read) {
    versions_missing_ = read.error();
    return;
  }
  const auto assign = [&](const std::string& name, std::string_view version, bool removed) {
    const auto at = std::lower_bound(
        packages_.begin(), packages_.end(), name, [](const Package& package, const std::string& n) {
          return package.name < n;
        });
    if (at == packages_.end() || at->name != name) {
      return false;
    }
    at->version = version;
    at->empty = at->empty && !removed;
    return true;
  };
  std::string_view text = content;
  while (const auto stanza = scan_stanza(text)) {
    if (stanza->version.size() > kLongestVersion) {
      versions_missing_ = SysError{EFBIG, "reading", "var/lib/dpkg/status"};
      continue;
    }
    const std::string name(stanza->name);
    if (!assign(name + ":" + std::string(stanza->architecture), stanza->version, stanza->removed)) {
      (void)assign(name, stanza->version, stanza->removed);
    }
  }
}

// dpkg keeps an empty list of a package that was removed and left no configuration; any other one
// was cut.
void PackageDatabase::judge_empty_lists() {
  const auto cut = std::find_if(
      packages_.begin(), packages_.end(), [](const Package& package) { return package.empty; });
  if (cut != packages_.end() && !lists_missing_) {
    lists_missing_ = SysError{EBADMSG, "reading", cut->name + std::string(kListSuffix)};
  }
}

void PackageDatabase::read_diversions(int dpkg) {
  std::string content;
  if (const auto read = read_in_root(dpkg, "diversions", content, kLargestFile); !read) {
    if (read.error().number != ENOENT) {
      diversions_missing_ = read.error();
    }
    return;
  }
  std::string_view text = content;
  while (const auto diversion = scan_diversion(text)) {
    diversions_.push_back({aliases_.canonical(diversion->from),
                           aliases_.canonical(diversion->to),
                           std::string(diversion->package)});
  }
  if (scan_failed(content, diversions_.size())) {
    diversions_missing_ = SysError{EBADMSG, "reading", "diversions"};
  }
}

template <class Wanted>
Result<std::size_t> PackageDatabase::add_owners(std::string_view path,
                                                Wanted wanted,
                                                std::vector<PackageOwner>& owners) const {
  const auto bits = path_bits(path);
  std::string content;
  std::string buffer;
  for (auto at = std::lower_bound(paths_.begin(), paths_.end(), bits);
       at != paths_.end() && (*at & ~kPackageMask) == bits;
       ++at) {
    const auto& package = packages_[*at & kPackageMask];
    if (!wanted(without_architecture(package.name))) {
      continue;
    }
    const std::string file = package.name + std::string(kListSuffix);
    if (const auto read = read_lines(info_.get(), file, content); !read) {
      return read.error();
    }
    bool listed = false;
    visit_list(content, [&](std::string_view line) {
      listed = listed || aliases_.canonical(line, buffer) == path;
    });
    if (listed) {
      owners.push_back({package.name, package.version, std::string(path)});
    }
  }
  return owners.size();
}

Result<std::vector<PackageOwner>> PackageDatabase::find_owners(std::string_view path) const {
  const std::string target = aliases_.canonical(path);
  const auto diverted_away = [&](std::string_view package) {
    return std::any_of(diversions_.begin(), diversions_.end(), [&](const OwnedDiversion& entry) {
      return entry.from == target && entry.package != package;
    });
  };
  std::vector<PackageOwner> owners;
  const auto own = [&](std::string_view package) { return !diverted_away(package); };
  if (const auto added = add_owners(target, own, owners); !added) {
    return added.error();
  }
  for (const auto& diversion : diversions_) {
    if (diversion.to == target) {
      const auto others = [&](std::string_view package) { return package != diversion.package; };
      if (const auto added = add_owners(diversion.from, others, owners); !added) {
        return added.error();
      }
    }
  }
  return owners;
}

Result<std::optional<Md5>> PackageDatabase::read_checksum(const PackageOwner& owner) const {
  const std::string file = owner.package + ".md5sums";
  std::string content;
  if (const auto read = read_lines(info_.get(), file, content); !read) {
    if (read.error().number == ENOENT) {
      return std::optional<Md5>();
    }
    return read.error();
  }
  std::optional<Md5> found;
  std::string buffer;
  std::string absolute;
  visit_checksums(content, [&](std::string_view digest, std::string_view path) {
    absolute = "/";
    absolute += path.starts_with("./") ? path.substr(2) : path;
    if (aliases_.canonical(absolute, buffer) == owner.path) {
      found = parse_md5(digest);
    }
  });
  return found;
}

}  // namespace sockwitness::recorder
