#include "schema/chain/hasher.h"

#include <openssl/evp.h>

#include "schema/base/error.h"

namespace sockwitness::schema {
namespace {

void require(bool done) {
  if (!done) {
    throw Error(ExitCode::Unusable, "computing SHA-256: libcrypto refused");
  }
}

// To fetch it for every message costs more than a short message itself.
const EVP_MD* sha256_method() {
  static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

EVP_MD_CTX* as_context(void* context) {
  return static_cast<EVP_MD_CTX*>(context);
}

}  // namespace

void Hasher::Free::operator()(void* context) const {
  EVP_MD_CTX_free(as_context(context));
}

Hasher::Hasher() : context_(EVP_MD_CTX_new()) {
  require(context_ != nullptr && sha256_method() != nullptr);
  begin();
}

void Hasher::begin() {
  require(EVP_DigestInit_ex2(as_context(context_.get()), sha256_method(), nullptr) == 1);
}

void Hasher::add(std::string_view bytes) {
  require(EVP_DigestUpdate(as_context(context_.get()), bytes.data(), bytes.size()) == 1);
}

Hash Hasher::finish() {
  Hash hash{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(as_context(context_.get()), hash.data(), &size) == 1 &&
          size == hash.size());
  begin();
  return hash;
}

}  // namespace sockwitness::schema
