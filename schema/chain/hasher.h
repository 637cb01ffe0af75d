// SHA-256 of bytes that come piece by piece, again and again.
//
// In:    bytes.
// Out:   their digest, 32 bytes; after finish() the next message begins.
// Never: a digest of a part.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace sockwitness::schema {

using Hash = std::array<std::uint8_t, 32>;

[[nodiscard]] inline std::string_view view(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

class Hasher {
 public:
  Hasher();  // throws Error when libcrypto refuses
  Hasher(Hasher&&) noexcept = default;
  Hasher& operator=(Hasher&&) noexcept = default;
  ~Hasher() = default;

  void add(std::string_view bytes);
  [[nodiscard]] Hash finish();

 private:
  void begin();
  struct Free {
    void operator()(void* context) const;
  };
  std::unique_ptr<void, Free> context_;
};

}  // namespace sockwitness::schema
