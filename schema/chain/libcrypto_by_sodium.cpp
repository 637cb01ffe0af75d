// What this folder asks libcrypto for, by libsodium: for the program without libraries, where
// libcrypto would bring three megabytes along for one digest and one kind of signature. A function
// that is not here is told by the linker.
#include <sodium.h>

#include <cstddef>
#include <cstdint>
#include <new>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

// The names of libcrypto's own types, which its headers do not complete.
struct evp_md_st {};
struct evp_pkey_st {
  bool secret = false;
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES] = {};
  unsigned char secret_key[crypto_sign_SECRETKEYBYTES] = {};
};
struct evp_md_ctx_st {
  crypto_hash_sha256_state state = {};
  const evp_pkey_st* key = nullptr;
};

// A complete type of libcrypto's, in whose place the state lies.
static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(SHA256_CTX) &&
              alignof(crypto_hash_sha256_state) <= alignof(std::max_align_t));

namespace {

crypto_hash_sha256_state* as_state(SHA256_CTX* context) {
  return reinterpret_cast<crypto_hash_sha256_state*>(context);
}

evp_md_st sha256_method;

const unsigned char* as_bytes(const void* bytes) {
  return static_cast<const unsigned char*>(bytes);
}

}  // namespace

extern "C" {

int OPENSSL_init_crypto(std::uint64_t, const OPENSSL_INIT_SETTINGS*) {
  return sodium_init() < 0 ? 0 : 1;
}

void OPENSSL_cleanse(void* bytes, std::size_t size) {
  sodium_memzero(bytes, size);
}

int RAND_priv_bytes(unsigned char* bytes, int size) {
  if (sodium_init() < 0) {
    return 0;
  }
  randombytes_buf(bytes, static_cast<std::size_t>(size));
  return 1;
}

OSSL_LIB_CTX* OSSL_LIB_CTX_get0_global_default() {
  static char nothing;  // asked for only to see that there is one
  return reinterpret_cast<OSSL_LIB_CTX*>(&nothing);
}

int SHA256_Init(SHA256_CTX* context) {
  return crypto_hash_sha256_init(as_state(context)) == 0 ? 1 : 0;
}

int SHA256_Update(SHA256_CTX* context, const void* bytes, std::size_t size) {
  return crypto_hash_sha256_update(as_state(context), as_bytes(bytes), size) == 0 ? 1 : 0;
}

int SHA256_Final(unsigned char* digest, SHA256_CTX* context) {
  return crypto_hash_sha256_final(as_state(context), digest) == 0 ? 1 : 0;
}

EVP_MD_CTX* EVP_MD_CTX_new() {
  return new (std::nothrow) evp_md_ctx_st;
}

void EVP_MD_CTX_free(EVP_MD_CTX* context) {
  delete context;
}

const EVP_MD* EVP_sha256() {
  return &sha256_method;
}

EVP_MD* EVP_MD_fetch(OSSL_LIB_CTX*, const char*, const char*) {
  return &sha256_method;
}

int EVP_DigestInit_ex(EVP_MD_CTX* context, const EVP_MD*, ENGINE*) {
  return crypto_hash_sha256_init(&context->state) == 0 ? 1 : 0;
}

int EVP_DigestInit_ex2(EVP_MD_CTX* context, const EVP_MD*, const OSSL_PARAM*) {
  return crypto_hash_sha256_init(&context->state) == 0 ? 1 : 0;
}

int EVP_DigestUpdate(EVP_MD_CTX* context, const void* bytes, std::size_t size) {
  return crypto_hash_sha256_update(&context->state, as_bytes(bytes), size) == 0 ? 1 : 0;
}

int EVP_DigestFinal_ex(EVP_MD_CTX* context, unsigned char* digest, unsigned* size) {
  *size = crypto_hash_sha256_BYTES;
  return crypto_hash_sha256_final(&context->state, digest) == 0 ? 1 : 0;
}

EVP_PKEY* EVP_PKEY_new_raw_public_key(int kind,
                                      ENGINE*,
                                      const unsigned char* bytes,
                                      std::size_t size) {
  auto* key = kind == EVP_PKEY_ED25519 && size == crypto_sign_PUBLICKEYBYTES ? new (std::nothrow)
                                                                                   evp_pkey_st
                                                                             : nullptr;
  if (key != nullptr) {
    for (std::size_t at = 0; at < size; ++at) {
      key->public_key[at] = bytes[at];
    }
  }
  return key;
}

EVP_PKEY* EVP_PKEY_new_raw_private_key(int kind,
                                       ENGINE*,
                                       const unsigned char* bytes,
                                       std::size_t size) {
  auto* key = kind == EVP_PKEY_ED25519 && size == crypto_sign_SEEDBYTES ? new (std::nothrow)
                                                                              evp_pkey_st
                                                                        : nullptr;
  if (key != nullptr) {
    key->secret = true;
    crypto_sign_seed_keypair(key->public_key, key->secret_key, bytes);
  }
  return key;
}

void EVP_PKEY_free(EVP_PKEY* key) {
  if (key != nullptr) {
    sodium_memzero(key->secret_key, sizeof key->secret_key);
    delete key;
  }
}

int EVP_PKEY_get_raw_public_key(const EVP_PKEY* key, unsigned char* bytes, std::size_t* size) {
  if (*size < crypto_sign_PUBLICKEYBYTES) {
    return 0;
  }
  *size = crypto_sign_PUBLICKEYBYTES;
  for (std::size_t at = 0; at < *size; ++at) {
    bytes[at] = key->public_key[at];
  }
  return 1;
}

int EVP_DigestSignInit(EVP_MD_CTX* context, EVP_PKEY_CTX**, const EVP_MD*, ENGINE*, EVP_PKEY* key) {
  context->key = key;
  return key != nullptr && key->secret ? 1 : 0;
}

int EVP_DigestSign(EVP_MD_CTX* context,
                   unsigned char* signature,
                   std::size_t* size,
                   const unsigned char* bytes,
                   std::size_t length) {
  if (*size < crypto_sign_BYTES) {
    return 0;
  }
  *size = crypto_sign_BYTES;
  return crypto_sign_detached(signature, nullptr, bytes, length, context->key->secret_key) == 0 ? 1
                                                                                                : 0;
}

int EVP_DigestVerifyInit(
    EVP_MD_CTX* context, EVP_PKEY_CTX**, const EVP_MD*, ENGINE*, EVP_PKEY* key) {
  context->key = key;
  return key != nullptr ? 1 : 0;
}

int EVP_DigestVerify(EVP_MD_CTX* context,
                     const unsigned char* signature,
                     std::size_t size,
                     const unsigned char* bytes,
                     std::size_t length) {
  return size == crypto_sign_BYTES && crypto_sign_verify_detached(
                                          signature, bytes, length, context->key->public_key) == 0
             ? 1
             : 0;
}

}  // extern "C"
