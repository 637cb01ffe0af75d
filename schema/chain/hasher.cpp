// What libcrypto calls deprecated here asks for no memory and starts no machinery, which in
// version 3.0 takes a millisecond and ends the program where there is no memory for it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "schema/chain/hasher.h"

#include <openssl/sha.h>

namespace sockwitness::schema {
namespace {

SHA256_CTX* as_context(void* state) {
  return static_cast<SHA256_CTX*>(state);
}

}  // namespace

void Hasher::begin() {
  static_assert(sizeof state_ >= sizeof(SHA256_CTX) && alignof(Hasher) >= alignof(SHA256_CTX));
  SHA256_Init(as_context(state_.data()));
}

void Hasher::add(std::string_view bytes) {
  SHA256_Update(as_context(state_.data()), bytes.data(), bytes.size());
}

Hash Hasher::finish() {
  Hash hash{};
  SHA256_Final(hash.data(), as_context(state_.data()));
  begin();
  return hash;
}

}  // namespace sockwitness::schema
