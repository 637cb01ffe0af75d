// A copy of a database and of the files beside it, in a directory that only we can read.
//
// In:    the path of a database that has a journal or a write-ahead log beside it.
// Out:   the path of the copy; the directory goes with the object, or as soon as it is told.
// Never: opens the original for writing, takes a copy that changed while it was made, or stays
//        behind when a signal ends the program: those wait until the directory is gone.
#pragma once

#include <optional>
#include <string>

#include "schema/disk/database_file.h"
#include "schema/program/held_signals.h"
#include "schema/program/leftover.h"

namespace sockwitness::schema {

class PrivateCopy {
 public:
  // In TMPDIR, else /tmp or /var/tmp, whichever has the space. Who appends may use the directory of
  // the database as well: a recorder must get on without anybody's help. Throws Error when the
  // files cannot be read, do not hold still, or a signal came.
  PrivateCopy(const std::string& database_path, Purpose purpose);
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;
  ~PrivateCopy();

  [[nodiscard]] const std::string& path() const { return path_; }
  // Programs that have the file open keep it; no other finds it any more.
  void remove_names();

 private:
  [[nodiscard]] bool make_directory(const std::string& place);
  [[nodiscard]] bool take(const std::string& database_path);
  void remove_directory();

  std::optional<HeldSignals> held_;  // outlives the directory
  Leftover leftover_;
  std::string directory_;
  std::string path_;
};

// All bytes of `source` into `target`, read quietly. False and errno when that fails.
[[nodiscard]] bool copy_file(const std::string& source, int target);

}  // namespace sockwitness::schema
