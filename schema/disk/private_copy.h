// A copy of a database and of the files beside it, in a directory that only we can read.
//
// In:    the path of a database that has a journal or a write-ahead log beside it.
// Out:   the path of the copy; the directory goes with the object, or as soon as it is told.
// Never: opens the original for writing, takes a copy that changed while it was made, or stays
//        behind when a signal ends the program: those wait until the directory is gone.
#pragma once

#include <optional>
#include <string>

#include "schema/base/held_signals.h"

namespace sockwitness::schema {

class PrivateCopy {
 public:
  // Throws Error when the files cannot be read, do not hold still, or a signal came.
  explicit PrivateCopy(const std::string& database_path);
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;
  ~PrivateCopy();

  [[nodiscard]] const std::string& path() const { return path_; }
  // Who has the file open keeps it; nobody else finds it any more.
  void remove_names();

 private:
  void take(const std::string& database_path);

  std::optional<HeldSignals> held_;  // outlives the directory
  std::string directory_;
  std::string path_;
};

// All bytes of `source` into `target`, read quietly. False and errno when that fails.
[[nodiscard]] bool copy_file(const std::string& source, int target);

}  // namespace sockwitness::schema
