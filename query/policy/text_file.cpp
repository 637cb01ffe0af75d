#include "query/policy/text_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

// No policy is that long; whatever is longer is another kind of file.
constexpr std::size_t kMost = std::size_t{4} << 20;

schema::Error failed(const std::string& path, std::string_view reason) {
  return {schema::ExitCode::Usage, fmt::format("reading '{}': {}", path, reason)};
}

}  // namespace

std::optional<std::string> read_text_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (file == nullptr) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    throw failed(path, std::generic_category().message(errno));
  }
  std::string content(kMost + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    throw failed(path, std::generic_category().message(errno));
  }
  if (content.size() > kMost) {
    throw failed(path, fmt::format("longer than {} MiB", kMost >> 20U));
  }
  return content;
}

}  // namespace sockwitness::query
