#include "recorder/proc/hanging_thread.h"

#include <fcntl.h>

#include <string>

#include "recorder/os/dir.h"
#include "recorder/proc/stat.h"

namespace sockwitness::recorder {

std::optional<schema::BootTime> read_thread_start(schema::Pid process, schema::Pid thread) {
  const std::string path = "/proc/" + std::to_string(process.value()) + "/task/" +
                           std::to_string(thread.value()) + "/stat";
  std::string text;
  if (!read_file_at(AT_FDCWD, path.c_str(), text)) {
    return std::nullopt;
  }
  const auto line = parse_stat(text);
  return line && !line->dead() ? std::optional(line->start) : std::nullopt;
}

}  // namespace sockwitness::recorder
