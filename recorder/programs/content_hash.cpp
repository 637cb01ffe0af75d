#include "recorder/programs/content_hash.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include <openssl/evp.h>

namespace sockwitness::recorder {
namespace {

constexpr std::size_t kBlock = 256U * 1024U;

class Digest {
 public:
  explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new()) {
    if (context_ != nullptr && EVP_DigestInit_ex(context_.get(), kind, nullptr) != 1) {
      context_.reset();
    }
  }

  [[nodiscard]] bool usable() const { return context_ != nullptr; }

  void update(const void* data, std::size_t size) {
    if (usable() && EVP_DigestUpdate(context_.get(), data, size) != 1) {
      context_.reset();
    }
  }

  // Nothing when libcrypto failed on the way.
  template <std::size_t N>
  [[nodiscard]] std::optional<std::array<std::uint8_t, N>> finish() {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    if (!usable() || EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) != 1 || size != N) {
      return std::nullopt;
    }
    std::array<std::uint8_t, N> digest{};
    std::copy_n(bytes.begin(), N, digest.begin());
    return digest;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace

Result<ContentHash> read_content_hash(int fd,
                                      std::uint64_t limit,
                                      bool with_md5,
                                      const std::function<void()>& tick) {
  Digest sha256(EVP_sha256());
  Digest md5(with_md5 ? EVP_md5() : EVP_sha256());
  std::vector<char> block(kBlock);
  std::uint64_t offset = 0;
  while (true) {
    const ssize_t got = ::pread(fd, block.data(), block.size(), static_cast<off_t>(offset));
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return last_error("reading", "content");
    }
    if (got == 0) {
      break;
    }
    tick();
    const auto size = static_cast<std::size_t>(got);
    offset += size;
    if (offset > limit) {
      return SysError{EFBIG, "reading", "content"};
    }
    sha256.update(block.data(), size);
    if (with_md5) {
      md5.update(block.data(), size);
    }
  }
  const auto strong = sha256.finish<32>();
  if (!strong) {
    return SysError{ENOTSUP, "hashing", "content"};
  }
  ContentHash hash;
  hash.sha256.resize(strong->size());
  std::memcpy(hash.sha256.data(), strong->data(), strong->size());
  if (with_md5) {
    hash.md5 = md5.finish<16>();
  }
  return hash;
}

}  // namespace sockwitness::recorder
