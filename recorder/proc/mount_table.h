// Whether a path can be asked for without waiting for anybody but the kernel.
//
// In:    the text of /proc/<pid>/mountinfo.
// Out:   yes, when every file system on the way there is one of the kernel's own or on a disk.
// Never: says yes of a type that it does not know: it may be served by a program or a machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockwitness::recorder {

class MountTable {
 public:
  MountTable() = default;  // of nothing: no path is local
  explicit MountTable(std::string_view mountinfo);

  // `path` is absolute and holds no ".." and no symbolic link.
  [[nodiscard]] bool is_local(std::string_view path) const;

 private:
  bool known_ = false;                // that which is at "/"
  std::vector<std::string> foreign_;  // where a file system is mounted that may wait for somebody
};

}  // namespace sockwitness::recorder
