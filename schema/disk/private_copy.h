// A copy of a database and of the files beside it, in a directory that only we can read.
//
// In:    the path of a database that has a journal or a write-ahead log beside it.
// Out:   the path of the copy; the directory goes with the object.
// Never: opens the original for writing, or takes a copy that changed while it was made.
#pragma once

#include <string>

namespace sockwitness::schema {

class PrivateCopy {
 public:
  // Throws Error when the files cannot be read, or do not hold still.
  explicit PrivateCopy(const std::string& database_path);
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;
  ~PrivateCopy();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string directory_;
  std::string path_;
};

}  // namespace sockwitness::schema
