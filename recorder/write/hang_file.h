// The file "<database>.hung": what runs before this one left waiting in the kernel. It is there
// only while something hangs.
//
// In:    the path of the database; what hangs now.
// Out:   what hung when a run ended last.
// Never: believes what another user may write, follows a link, or stops a run: without the file a
//        run tries again what hangs, and leaves one more behind.
#pragma once

#include <string>

#include "recorder/write/hang_text.h"

namespace sockwitness::recorder {

class HangFile {
 public:
  explicit HangFile(const std::string& database) : path_(database + ".hung") {}

  // Empty where there is none, or none that is ours alone to write.
  [[nodiscard]] HangText read() const;

  // As a whole, or not at all; nothing hangs: the file goes. False: it could not be done.
  bool write(const HangText& content) const;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace sockwitness::recorder
