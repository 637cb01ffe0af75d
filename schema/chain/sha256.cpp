#include "schema/chain/sha256.h"

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
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (file == nullptr) {
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
