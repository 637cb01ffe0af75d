// Ed25519: keys that sign once, and what they signed.
//
// In:    32 bytes of a secret key; a hash.
// Out:   a public key, a signature, whether one belongs to the other.
// Never: leaves a secret in memory that was freed, or takes a signature for good that libcrypto
//        does not.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "schema/chain/hasher.h"

namespace sockwitness::schema {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

// Wiped when it goes.
class SecretKey {
 public:
  using Bytes = std::array<std::uint8_t, 32>;

  [[nodiscard]] static SecretKey make();
  explicit SecretKey(const Bytes& bytes) : bytes_(bytes) {}
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] Signature sign(const Hash& head) const;

 private:
  SecretKey() = default;
  Bytes bytes_{};
};

[[nodiscard]] bool is_signed(const PublicKey& key, const Hash& head, const Signature& signature);

// Overwrites it so that no compiler leaves that out.
void wipe(void* bytes, std::size_t size);

}  // namespace sockwitness::schema
