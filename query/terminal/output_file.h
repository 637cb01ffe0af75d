// A file that an answer is written to: there as a whole, or not at all.
//
// In:    a path, pieces of text, the call that ends it.
// Out:   the finished file under its name, synced; until then it has another name beside it.
// Never: half a file under the name, an existing file replaced without --force, or anything left
//        behind when it fails or a signal ends the program.
#pragma once

#include <string>
#include <string_view>

#include "schema/program/leftover.h"

namespace sockwitness::query {

class OutputFile {
 public:
  enum class Existing { Refuse, Replace };
  // Who may read it at most, whatever the umask allows.
  enum class Readers { Owner, Group, All };

  // Empty or "-": standard output. Throws schema::Error: Usage when the file is there already, is a
  // directory or `source` (what is read), Unusable when it cannot be made.
  OutputFile(std::string path,
             Existing existing,
             const std::string& source,
             Readers readers = Readers::Group);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  // Throws schema::Error (Unusable).
  void write(std::string_view text);
  // Everything was written: on disk, and not under its name yet. Throws as write does.
  void complete();
  // Completes it and gives it its name. Throws as write does.
  void finish();
  // After finish(): the file is gone again, for what belongs to it could not be written.
  void take_back();

 private:
  [[noreturn]] void fail(int error_number) const;
  void flush();
  void close();

  std::string path_;
  Existing existing_;
  Readers readers_;
  std::string temporary_;
  std::string folder_;  // of a file that is complete
  std::string buffer_;
  schema::Leftover unfinished_;
  int descriptor_ = -1;
  bool complete_ = false;
};

}  // namespace sockwitness::query
