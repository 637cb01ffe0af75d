#include "schema/chain/sha256.h"

#include <array>
#include <cstdio>
#include <memory>
#include <vector>

#include <openssl/evp.h>

#include "schema/base/error.h"

namespace sockwitness::schema {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) {
    check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void add(const void* data, std::size_t size) {
    check(EVP_DigestUpdate(context_.get(), data, size) == 1);
  }
  [[nodiscard]] std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) == 1);
    return {bytes.begin(), bytes.begin() + size};
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  static void check(bool done) {
    if (!done) {
      throw Error(ExitCode::Unusable, "computing SHA-256: libcrypto refused");
    }
  }
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.add(bytes.data(), bytes.size());
  return digest.finish();
}

std::optional<std::string> sha256_of_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (file == nullptr) {
    return std::nullopt;
  }
  Digest digest;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    digest.add(buffer.data(), size);
  }
  return std::ferror(file.get()) != 0 ? std::nullopt : std::optional(digest.finish());
}

}  // namespace sockwitness::schema
