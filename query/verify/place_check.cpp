#include "query/verify/place_check.h"

#include <sys/stat.h>

#include <fmt/format.h>

#include "schema/base/escape.h"
#include "schema/chain/key_text.h"
#include "schema/chain/sha256.h"
#include "schema/disk/commit_note.h"

namespace sockwitness::query {
namespace {

void add(Verdict& verdict, std::string what) {
  ++verdict.problem_count;
  verdict.problems.push_back({std::nullopt, std::nullopt, std::move(what)});
}

bool is_there(const std::string& path, struct stat& status) {
  return ::lstat(path.c_str(), &status) == 0;
}

}  // namespace

bool has_sidecar(const std::string& path) {
  struct stat status {};
  for (const char* suffix : {"-journal", "-wal"}) {
    if (is_there(path + suffix, status) && status.st_size > 0) {
      return true;
    }
  }
  return false;
}

void check_place(const std::string& path, Verdict& verdict) {
  struct stat status {};
  if (!is_there(path, status)) {
    return;  // opening it says why
  }
  if (S_ISLNK(status.st_mode)) {
    add(verdict, "the path is a symbolic link: who may change it chooses the file");
    return;
  }
  if (status.st_nlink != 1) {
    add(verdict, "the file has more than one name (hard link): it can be written elsewhere");
  }
  // A copy may belong to anybody; where a recorder writes it may not.
  struct stat beside {};
  const bool in_place =
      is_there(schema::lock_file_of(path), beside) || is_there(schema::key_folder_of(path), beside);
  if ((status.st_mode & S_IWOTH) != 0 || (in_place && (status.st_mode & S_IWGRP) != 0)) {
    add(verdict, fmt::format("others may write the file (mode {:04o})", status.st_mode & 07777U));
  }
  if (in_place && beside.st_uid != status.st_uid) {
    add(verdict,
        fmt::format("the file belongs to uid {}, what the recorder keeps beside it to uid {}",
                    status.st_uid,
                    beside.st_uid));
  }
  for (const char* suffix : {"-journal", "-wal", "-shm"}) {
    const std::string name = path + suffix;
    if (struct stat sidecar{}; is_there(name, sidecar)) {
      const auto digest = S_ISREG(sidecar.st_mode) ? schema::sha256_of_file(name) : std::nullopt;
      verdict.notes.push_back(
          fmt::format("'{}' lies beside it: {} bytes, {}",
                      name,
                      sidecar.st_size,
                      digest ? "sha256 " + schema::hex(*digest) : "it could not be read"));
    }
  }
}

}  // namespace sockwitness::query
