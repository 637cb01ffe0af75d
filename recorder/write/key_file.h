// The signing key of the next record: a file in a folder of its own beside the database.
//
// In:    the path of the database.
// Out:   what its two places hold; a place written and synced, or wiped where it lies.
// Never: follows a link, or uses keys that another user may read or write.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "recorder/os/unique_fd.h"
#include "schema/base/error.h"
#include "schema/chain/key_text.h"

namespace sockwitness::recorder {

class KeyFile {
 public:
  // Makes folder and file when there are none. Throws schema::Error.
  [[nodiscard]] static KeyFile open(const std::string& database_path);

  // It was made just now.
  [[nodiscard]] bool is_new() const { return is_new_; }
  // Nothing for a place without a whole key. Throws schema::Error when the file cannot be read.
  [[nodiscard]] std::optional<schema::KeyPlace> read(std::size_t place) const;
  enum class Sync { No, Yes };  // on the disk when it returns
  // Throws schema::Error.
  void write(std::size_t place, const schema::KeyPlace& key, Sync sync) const;
  // With the next write it is so on the disk, too.
  void wipe(std::size_t place) const noexcept;

 private:
  KeyFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  [[nodiscard]] schema::Error failure(std::string_view doing, int number) const;
  void fill(int folder) const;

  std::string path_;
  UniqueFd fd_;
  bool is_new_ = false;
};

}  // namespace sockwitness::recorder
