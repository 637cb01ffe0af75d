// The folder of a sealed export while it is written.
//
// In:    a path.
// Out:   a folder beside it to write to, which gets that name when all of it is there.
// Never: leaves half of one behind, or takes a name that is in use.
#pragma once

#include <string>

#include "schema/program/leftover.h"

namespace sockwitness::query {

class SealedFolder {
 public:
  // Throws schema::Error: Usage when it is there already, Unusable when it cannot be made.
  explicit SealedFolder(std::string path);
  SealedFolder(const SealedFolder&) = delete;
  SealedFolder& operator=(const SealedFolder&) = delete;
  ~SealedFolder();

  [[nodiscard]] const std::string& place() const { return place_; }
  // Throws as the constructor does.
  void finish();

 private:
  std::string path_;
  std::string place_;
  schema::Leftover unfinished_;
  bool finished_ = false;
};

}  // namespace sockwitness::query
