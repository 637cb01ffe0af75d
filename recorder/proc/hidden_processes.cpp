#include "recorder/proc/hidden_processes.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "recorder/os/dir.h"
#include "recorder/os/unique_fd.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

constexpr std::int32_t kManyNumbers = 65536;

bool is_process(std::int32_t pid) {
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return process.valid();
}

bool is_hidden(int proc, std::int32_t pid) {
  if (!is_process(pid)) {
    return false;
  }
  const auto entry = stat_at(proc, std::to_string(pid).c_str());
  return !entry && entry.error().number == ENOENT && is_process(pid);
}

}  // namespace

std::optional<std::int32_t> parse_last_pid(std::string_view text) {
  if (!text.empty() && text.back() == '\n') {
    text.remove_suffix(1);
  }
  const auto blank = text.rfind(' ');
  return blank == std::string_view::npos
             ? std::nullopt
             : schema::parse_number<std::int32_t>(text.substr(blank + 1));
}

std::uint32_t count_hidden(int proc, const std::vector<std::int32_t>& listed) {
  std::string text;
  const auto last = read_file_at(proc, "loadavg", text) ? parse_last_pid(text) : std::nullopt;
  std::uint32_t count = 0;
  const auto look = [&](std::int32_t first, std::int32_t end) {
    for (std::int32_t pid = first; pid < end; ++pid) {
      const bool is_listed = std::binary_search(listed.begin(), listed.end(), pid);
      count += !is_listed && is_hidden(proc, pid) ? 1U : 0U;
    }
  };
  look(1, kManyNumbers);
  if (last && *last >= kManyNumbers) {
    look(std::max(kManyNumbers, *last - kManyNumbers), *last + 1);
  }
  return count;
}

}  // namespace sockwitness::recorder
