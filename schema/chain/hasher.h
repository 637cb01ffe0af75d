// SHA-256 of bytes that come piece by piece, again and again.
//
// In:    bytes.
// Out:   their digest, 32 bytes; after finish() the next message begins.
// Never: a digest of a part, or a request for memory.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sockwitness::schema {

using Hash = std::array<std::uint8_t, 32>;

[[nodiscard]] inline std::string_view view(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

class Hasher {
 public:
  Hasher() { begin(); }

  void add(std::string_view bytes);
  [[nodiscard]] Hash finish();

 private:
  void begin();
  alignas(8) std::array<std::uint8_t, 112> state_{};  // libcrypto's
};

}  // namespace sockwitness::schema
