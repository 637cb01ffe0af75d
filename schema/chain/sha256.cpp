#include "schema/chain/sha256.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

#include "schema/chain/hasher.h"

namespace sockwitness::schema {

std::string sha256(std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes);
  return std::string(view(hasher.finish()));
}

std::optional<std::string> sha256_of_file(const std::string& path) {
  // Evidence keeps the time of its last reading, where its owner reads it.
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOATIME);
  if (fd < 0 && errno == EPERM) {
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }
  if (fd < 0) {
    return std::nullopt;
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(::fdopen(fd, "rb"), std::fclose);
  if (file == nullptr) {
    ::close(fd);
    return std::nullopt;
  }
  Hasher hasher;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    hasher.add({buffer.data(), size});
  }
  return std::ferror(file.get()) != 0 ? std::nullopt
                                      : std::optional(std::string(view(hasher.finish())));
}

}  // namespace sockwitness::schema
