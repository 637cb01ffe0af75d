#include "schema/disk/waiting.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/scan.h"
#include "schema/disk/quiet_open.h"

namespace sockwitness::schema {
namespace {

[[noreturn]] void fail(const std::string& directory, int number) {
  throw Error(ExitCode::Unusable,
              fmt::format("listing '{}' for snapshots that wait: {}",
                          directory,
                          std::generic_category().message(number)),
              "look at the directory");
}

}  // namespace

std::string spool_path(const std::string& database, std::uint32_t number) {
  return fmt::format("{}.spool-{}", database, number);
}

std::vector<std::uint32_t> list_waiting(const std::string& database) {
  const auto slash = database.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : database.substr(0, slash + 1);
  const std::string head =
      (slash == std::string::npos ? database : database.substr(slash + 1)) + ".spool-";
  const int fd = open_quietly(directory.c_str(), O_DIRECTORY);
  if (fd < 0) {
    fail(directory, errno);
  }
  DIR* listing = ::fdopendir(fd);
  if (listing == nullptr) {
    const int number = errno;
    ::close(fd);
    fail(directory, number);
  }
  std::vector<std::uint32_t> numbers;
  errno = 0;
  while (const dirent* entry = ::readdir(listing)) {  // NOLINT(concurrency-mt-unsafe): its own DIR
    std::string_view name = entry->d_name;
    if (scan_literal(name, head) && !name.starts_with('0')) {
      if (const auto number = parse_number<std::uint32_t>(name)) {
        numbers.push_back(*number);
      }
    }
    errno = 0;
  }
  const int number = errno;
  ::closedir(listing);
  if (number != 0) {
    fail(directory, number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace sockwitness::schema
