// The executable mappings of files in /proc/<pid>/maps.
//
// In:    its bytes: "7f0c…-7f0d… r-xp 00026000 fe:01 1835 <blanks> /usr/lib/libc.so.6".
// Out:   one value per executable mapping of a file, in the kernel's order.
// Never: judges a trailing " (deleted)": a file name can end like that, so the reader checks.
// Source: proc(5), fs/proc/task_mmu.c show_map_vma(); only newlines in names are escaped, as \012.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct ExecutableMapping {
  std::string range;  // "7f0c…-7f0d…": the name of its link below map_files
  schema::Device device;
  schema::Inode inode;
  std::string path;  // as the kernel names it, unescaped

  friend bool operator==(const ExecutableMapping&, const ExecutableMapping&) = default;
};

// Nothing when any line is malformed. Anonymous memory, "[vdso]" and the like are left out.
[[nodiscard]] std::optional<std::vector<ExecutableMapping>> parse_maps(std::string_view text);

}  // namespace sockwitness::recorder
