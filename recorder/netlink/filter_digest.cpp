#include "recorder/netlink/filter_digest.h"

#include <cstdlib>

#include <openssl/evp.h>

namespace sockwitness::recorder {

std::string hash_filter(std::string_view instructions) {
  std::string digest(32, '\0');
  if (EVP_Digest(instructions.data(),
                 instructions.size(),
                 reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr,
                 EVP_sha256(),
                 nullptr) != 1) {
    std::abort();
  }
  return digest;
}

}  // namespace sockwitness::recorder
