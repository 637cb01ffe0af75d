#include "recorder/app/state_directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/new_file.h"

namespace sockwitness::recorder {
namespace {

namespace fs = std::filesystem;

// True as well when another run made it meanwhile. False and errno when that fails.
bool make_one(const fs::path& directory, mode_t mode) {
  if (::mkdir(directory.c_str(), mode) != 0) {
    return errno == EEXIST;
  }
  return schema::sync_folder_of(directory.native());
}

}  // namespace

void make_state_directory(const std::string& database_path) {
  const fs::path directory = fs::path(database_path).parent_path();
  std::vector<fs::path> missing;
  std::error_code failure;
  for (fs::path at = directory; !at.empty() && !fs::exists(at, failure) && !failure;
       at = at.parent_path()) {
    missing.push_back(at);
  }
  const bool known = missing.empty();
  while (!failure && !missing.empty()) {
    if (!make_one(missing.back(), missing.size() == 1 ? 0750 : 0755)) {
      failure = {errno, std::generic_category()};
    }
    missing.pop_back();
  }
  // One that an earlier run made may not be on the disk yet: that run may have failed just then.
  if (!failure && known && !fs::exists(database_path, failure) && !failure &&
      !schema::sync_folder_of(directory.native()) && errno != EACCES) {
    failure = {errno, std::generic_category()};
  }
  if (!failure && !fs::is_directory(directory, failure) && !failure) {
    failure = std::make_error_code(std::errc::not_a_directory);
  }
  if (failure) {
    throw schema::Error(
        schema::ExitCode::Unusable,
        fmt::format("making directory '{}': {}", directory.native(), failure.message()),
        "choose another place with --db");
  }
  using fs::perms;
  fs::permissions(directory,
                  perms::group_write | perms::others_all,
                  fs::perm_options::remove,
                  failure);  // an older one may be somebody else's
}

}  // namespace sockwitness::recorder
