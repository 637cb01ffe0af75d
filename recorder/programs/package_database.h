// Which package owns a path below one root directory, and the checksum that it promises.
//
// In:    var/lib/dpkg below that root: info/*.list, info/*.md5sums, status, diversions.
// Out:   owners with name and version; the MD5 from the owner's list.
// Never: runs dpkg, trusts a hash of a path without reading the list again, or keeps the paths.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"
#include "recorder/programs/dpkg_text.h"
#include "recorder/programs/root_aliases.h"

namespace sockwitness::recorder {

struct PackageOwner {
  std::string package;  // as dpkg names it: "bash", "libc6:amd64"
  std::string version;  // empty when the status file does not know the package
  std::string path;     // as listed, after the root's aliases; another one where it was diverted
};

class PackageDatabase {
 public:
  // ENOENT: that root has no database. `tick` is called with every list.
  [[nodiscard]] static Result<PackageDatabase> read_from(
      int root, const std::function<void()>& tick = [] {});

  // Owners of an absolute path, by name; several where packages share it. Empty: none of the lists
  // that could be read has it. An error: a list that may have it could not be read again.
  [[nodiscard]] Result<std::vector<PackageOwner>> find_owners(std::string_view path) const;

  // Nothing: the package has no checksum for it (configuration files, links).
  [[nodiscard]] Result<std::optional<Md5>> read_checksum(const PackageOwner& owner) const;

  // The first list that could not be read: then "no owner" means nothing.
  [[nodiscard]] const std::optional<SysError>& lists_missing() const { return lists_missing_; }
  // The status file: then owners have no version.
  [[nodiscard]] const std::optional<SysError>& versions_missing() const {
    return versions_missing_;
  }
  // The diversions: then an owner may be another one.
  [[nodiscard]] const std::optional<SysError>& diversions_missing() const {
    return diversions_missing_;
  }

 private:
  struct Package {
    std::string name;
    std::string version;
    bool empty = false;  // its list names no file
  };
  struct OwnedDiversion {
    std::string from;
    std::string to;
    std::string package;
  };

  PackageDatabase() = default;
  Result<std::size_t> read_lists(const std::function<void()>& tick);
  void read_status(int dpkg);
  void judge_empty_lists();
  void read_diversions(int dpkg);
  // Appends the owners that list `path`; `wanted` decides by package name.
  template <class Wanted>
  Result<std::size_t> add_owners(std::string_view path,
                                 Wanted wanted,
                                 std::vector<PackageOwner>& owners) const;

  UniqueFd info_;
  RootAliases aliases_;
  std::vector<Package> packages_;  // by name
  // Upper 48 bits: hash of the path. Lower 16: position in packages_. Sorted. Eight bytes a path:
  // large hosts have half a million of them.
  std::vector<std::uint64_t> paths_;
  std::vector<OwnedDiversion> diversions_;
  std::optional<SysError> lists_missing_;
  std::optional<SysError> versions_missing_;
  std::optional<SysError> diversions_missing_;
};

}  // namespace sockwitness::recorder
