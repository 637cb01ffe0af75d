#include "recorder/app/make_mask.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "recorder/os/dir.h"
#include "recorder/write/mask_key.h"
#include "schema/base/error.h"

namespace sockwitness::recorder {
namespace {

constexpr const char* kUsualFile = "/etc/sockwitness/mask";

schema::Error unusable_rules(const std::string& path, const std::string& reason) {
  return {schema::ExitCode::Usage,
          fmt::format("reading --mask '{}': {}", path, reason),
          "its lines are: name WORD, option PROGRAM -X, only; or say --mask off"};
}

}  // namespace

std::shared_ptr<const Mask> make_mask(const std::string& file, const std::string& database) {
  if (file == "off") {
    return nullptr;
  }
  MaskRules rules = default_mask_rules();
  const std::string path = file.empty() ? kUsualFile : file;
  std::string text;
  if (const auto read = read_file_at(AT_FDCWD, path.c_str(), text); !read) {
    if (!file.empty() || read.error().number != ENOENT) {
      throw unusable_rules(path, std::generic_category().message(read.error().number));
    }
  }
  if (const auto flaw = read_mask_rules(text, rules)) {
    throw unusable_rules(path, fmt::format("line {} is no rule", flaw->line));
  }
  return std::make_shared<const Mask>(std::move(rules), read_or_make_mask_key(database));
}

}  // namespace sockwitness::recorder
