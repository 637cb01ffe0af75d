#include "schema/chain/signature.h"

#include <memory>
#include <new>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "schema/base/error.h"

namespace sockwitness::schema {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;

void require(bool done, const char* doing) {
  if (!done) {
    throw Error(ExitCode::Unusable, std::string(doing) + ": libcrypto refused");
  }
}

// No file of the host says what of it is loaded into a program that runs as root. Where it cannot
// be set up version 3.0 goes on all the same, and ends the program.
void require_libcrypto() {
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1 ||
      OSSL_LIB_CTX_get0_global_default() == nullptr) {
    throw std::bad_alloc();
  }
}

Key private_key(const SecretKey::Bytes& bytes) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()));
  require(key != nullptr, "reading a signing key");
  return key;
}

}  // namespace

void wipe(void* bytes, std::size_t size) {
  OPENSSL_cleanse(bytes, size);
}

SecretKey SecretKey::make() {
  require_libcrypto();
  SecretKey key;
  require(RAND_priv_bytes(key.bytes_.data(), static_cast<int>(key.bytes_.size())) == 1,
          "making a signing key");
  return key;
}

SecretKey::~SecretKey() {
  wipe(bytes_.data(), bytes_.size());
}

PublicKey SecretKey::public_key() const {
  require_libcrypto();
  const Key key = private_key(bytes_);
  PublicKey bytes{};
  std::size_t size = bytes.size();
  require(EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) == 1 && size == bytes.size(),
          "making a signing key");
  return bytes;
}

Signature SecretKey::sign(const Hash& head) const {
  require_libcrypto();
  const Key key = private_key(bytes_);
  const DigestContext context(EVP_MD_CTX_new());
  Signature signature{};
  std::size_t size = signature.size();
  require(context != nullptr &&
              EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), signature.data(), &size, head.data(), head.size()) == 1,
          "signing a record");
  return signature;
}

bool is_signed(const PublicKey& key, const Hash& head, const Signature& signature) {
  require_libcrypto();
  const Key raw(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const DigestContext context(EVP_MD_CTX_new());
  return raw != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, raw.get()) == 1 &&
         EVP_DigestVerify(
             context.get(), signature.data(), signature.size(), head.data(), head.size()) == 1;
}

}  // namespace sockwitness::schema
