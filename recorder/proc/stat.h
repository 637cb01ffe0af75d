// The one line of /proc/<pid>/stat.
//
// In:    its bytes: "4839 (a) b) R 4837 …"; the name may hold any byte, brackets and newlines too.
// Out:   the fields that the recorder keeps.
// Never: looks for the end of the name from the front; only the last ')' is the kernel's own.
// Source: proc(5), fs/proc/array.c do_task_stat().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/base/time.h"

namespace sockwitness::recorder {

struct StatLine {
  std::int32_t pid = 0;
  std::string name;
  char state = '?';
  std::int32_t parent = 0;
  std::int32_t process_group = 0;
  std::int32_t session = 0;
  std::uint32_t tty = 0;
  std::uint32_t flags = 0;
  std::int32_t threads = 0;
  schema::BootTime start;
  // Where its stack began: another one after every exec. 0 without the right to trace the process,
  // and for kernel threads.
  std::uint64_t stack = 0;

  // A process without memory, descriptors or program: only its entry is left.
  [[nodiscard]] bool dead() const { return state == 'Z' || state == 'X' || state == 'x'; }
  [[nodiscard]] bool kernel_thread() const;
  [[nodiscard]] bool exiting() const;

  friend bool operator==(const StatLine&, const StatLine&) = default;
};

[[nodiscard]] std::optional<StatLine> parse_stat(std::string_view text);

}  // namespace sockwitness::recorder
