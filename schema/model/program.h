// A file whose code runs: an executable, the script of an interpreter, or a mapped library that no
// package owns.
//
// In:    read through /proc/<pid>/exe (or the process's own root), never by a path that could have
//        been swapped.
// Out:   a plain value, stored once however many processes run it.
// Never: believes the " (deleted)" that the kernel appends: the link count decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/model/ids.h"

namespace sockwitness::schema {

// How the running file relates to its path. Stored numbers, never reused.
enum class FileState : std::uint8_t {
  Present = 1,   // the path leads to this very file
  Deleted = 2,   // link count 0 and nothing is at the path
  Replaced = 3,  // another file is at the path now (an upgrade, or a swap)
  Memfd = 4,     // an anonymous memory file; it never had a path
  Unknown = 5    // could not be read; a gap says why
};

enum class PackageVerdict : std::uint8_t {
  NotOwned = 1,    // the package database was read and no package owns the path
  Matches = 2,     // checksum equals the package's
  Differs = 3,     // checksum differs from the package's
  NoChecksum = 4,  // owned, but the package lists no checksum for it
  NoDatabase = 5,  // there is no package database
  NotChecked = 6,  // owned; the content was not hashed
  Unknown = 7      // the package database, or the content, could not be read; a gap says why
};

// Identity and compared fields: all.
struct Program {
  std::string path;  // bytes, without " (deleted)"; as the process's own mount namespace names it
  Device device;
  Inode inode;
  std::uint64_t size = 0;     // bytes
  std::int64_t mtime_ns = 0;  // since 1970
  std::int64_t ctime_ns = 0;
  FileState state = FileState::Present;
  std::string sha256;  // 32 bytes; empty when it was not hashed
  PackageVerdict verdict = PackageVerdict::NotOwned;
  std::string package;  // empty unless owned
  std::string package_version;

  friend auto operator<=>(const Program&, const Program&) = default;
};

// Another total order: many paths begin alike, few inodes are equal. For maps.
struct ByInode {
  [[nodiscard]] bool operator()(const Program& left, const Program& right) const {
    return left.inode != right.inode ? left.inode < right.inode : left < right;
  }
};

// "present", "deleted", "replaced", "memfd", "unknown"
[[nodiscard]] std::string_view file_state_word(FileState state);
// "unowned", "intact", "altered", "no-checksum", "no-database", "not-checked", "unknown"
[[nodiscard]] std::string_view verdict_word(PackageVerdict verdict);

}  // namespace sockwitness::schema
