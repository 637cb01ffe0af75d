// Files, links and directories, always relative to a held directory descriptor.
//
// In:    a directory descriptor (AT_FDCWD for absolute paths) and a path.
// Out:   descriptors, bytes, entries; or the error of the call that failed.
// Never: leaves close-on-exec out, cuts content silently, or calls readdir (a preloaded library
//        could filter it).
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

// Adds O_CLOEXEC. Interrupted calls are repeated.
Result<UniqueFd> open_at(int directory, const char* path, int flags);

// The whole content, however long, up to `limit` bytes; longer content is the error EFBIG.
// `content` is overwritten; its capacity is reused from call to call. Returns its size.
Result<std::size_t> read_file_at(int directory,
                                 const char* path,
                                 std::string& content,
                                 std::size_t limit = 64U << 20U);

// For files of procfs that the kernel makes in one piece, as it does a process's status, command
// line, cgroups and login uid: a read that leaves room has given all, and is not followed by one
// that only says so. The result is valid until `buffer` is used again; its size is reused.
Result<std::string_view> read_record_at(int directory,
                                        const char* path,
                                        std::string& buffer,
                                        std::size_t limit = 64U << 20U);

// The target of a symbolic link, whole. Procfs links report no size, so the buffer grows until it
// fits.
Result<std::string> read_link_at(int directory, const char* path);

// fstatat; `flags` as there.
Result<struct stat> stat_at(int directory, const char* path, int flags = 0);

// Which file it is, as the kernel remembers it: no file server is asked, so that none can hang.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  mode_t mode = 0;
};
Result<FileIdentity> read_identity_at(int directory, const char* path, int flags = 0);

struct DirectoryEntry {
  std::string name;
  std::uint8_t type = 0;  // DT_*
};

// Entries of an open directory, without "." and "..", in the kernel's order, by getdents64.
// Source: getdents(2), struct linux_dirent64.
Result<std::vector<DirectoryEntry>> list_directory(int directory);

// Only the entries whose names are decimal numbers, as numbers, in the kernel's order: /proc and
// /proc/<pid>/fd.
Result<std::vector<std::int32_t>> list_numbers(int directory);

// The first entry from the directory's position on, if it is a number; nothing at the end. Moves
// the position by that entry or a few more. EBADMSG: it is no number.
Result<std::optional<std::int32_t>> read_next_number(int directory);

}  // namespace sockwitness::recorder
