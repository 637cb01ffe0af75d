// A file of a sealed export while it is written: its text and the digest of it.
//
// In:    lines.
// Out:   the file, synced; what its bytes hash to.
// Never: replaces a file.
#pragma once

#include <string>
#include <string_view>

#include "query/terminal/output_file.h"
#include "schema/chain/hasher.h"

namespace sockwitness::query {

class SealedFile {
 public:
  SealedFile(const std::string& folder, std::string_view name, const std::string& source)
      : file_(folder + "/" + std::string(name), OutputFile::Existing::Refuse, source) {}

  void write(std::string_view text) {
    hasher_.add(text);
    file_.write(text);
  }
  // Once, after the last line.
  [[nodiscard]] schema::Hash complete() {
    file_.finish();
    return hasher_.finish();
  }

 private:
  OutputFile file_;
  schema::Hasher hasher_;
};

}  // namespace sockwitness::query
