// A small file of notes beside the database, shared by runs that do not wait for each other.
//
// In:    its path; text as lock_text.h has it.
// Out:   the text, or the text changed as a whole.
// Never: takes a failure for an empty text, writes over what it could not read, follows a link,
//        trusts what another user may write, or grows the file: a full disk can be noted, too.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "recorder/os/unique_fd.h"
#include "recorder/write/lock_text.h"
#include "schema/base/error.h"

namespace sockwitness::recorder {

class NoteFile {
 public:
  enum class IfAbsent { Make, Fail };
  enum class Sync { No, Yes };

  // Mode 0600: who may open it may keep it locked. Throws schema::Error.
  [[nodiscard]] static NoteFile open(const std::string& path, IfAbsent absent);

  // Throws schema::Error.
  [[nodiscard]] LockText read() const;
  // Reads, changes and writes, guarded against others who do the same. Throws schema::Error; then
  // the text is as it was, unless `sync` failed.
  void update(const std::function<void(LockText&)>& change, Sync sync = Sync::No) const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  // "locking 'path': reason" for a system call that has just failed.
  [[nodiscard]] schema::Error failure(std::string_view doing, int number) const;

 private:
  NoteFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  [[nodiscard]] LockText read_unguarded() const;

  std::string path_;
  UniqueFd fd_;
};

}  // namespace sockwitness::recorder
