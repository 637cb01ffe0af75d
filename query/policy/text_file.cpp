#include "query/policy/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

// /dev/null says of itself that it is empty; what a pipe or a terminal would say is not known yet.
void require_content(const std::string& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) {
    throw failed(path, std::generic_category().message(errno));
  }
  struct stat null {};
  const bool is_null = S_ISCHR(status.st_mode) && ::stat("/dev/null", &null) == 0 &&
                       S_ISCHR(null.st_mode) && null.st_rdev == status.st_rdev;
  if (S_ISDIR(status.st_mode)) {
    throw failed(path, std::generic_category().message(EISDIR));
  }
  if (!S_ISREG(status.st_mode) && !is_null) {
    throw failed(path, "not a regular file");
  }
}

}  // namespace

std::optional<std::string> read_text_file(const std::string& path) {
  // Not blocking: a pipe without a writer would keep us waiting for ever.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    throw failed(path, std::generic_category().message(errno));
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(fd, "rb"), std::fclose);
  if (file == nullptr) {
    const int number = errno;
    ::close(fd);
    throw failed(path, std::generic_category().message(number));
  }
  require_content(path, fd);
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
