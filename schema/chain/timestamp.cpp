#include "schema/chain/timestamp.h"

#include <algorithm>
#include <ctime>
#include <memory>
#include <new>
#include <optional>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "schema/base/error.h"

namespace sockwitness::schema {
namespace {

template <auto Free>
struct FreeBy {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using Request = std::unique_ptr<TS_REQ, FreeBy<TS_REQ_free>>;
using Imprint = std::unique_ptr<TS_MSG_IMPRINT, FreeBy<TS_MSG_IMPRINT_free>>;
using Algorithm = std::unique_ptr<X509_ALGOR, FreeBy<X509_ALGOR_free>>;
using Reply = std::unique_ptr<TS_RESP, FreeBy<TS_RESP_free>>;
using Context = std::unique_ptr<TS_VERIFY_CTX, FreeBy<TS_VERIFY_CTX_free>>;
using Store = std::unique_ptr<X509_STORE, FreeBy<X509_STORE_free>>;

struct FreeCertificates {
  void operator()(STACK_OF(X509) * certificates) const { sk_X509_free(certificates); }
};

// As for signatures no file of the host says what is loaded. A program may have less of libcrypto.
void require_certificates(const std::string& doing) {
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) != 1) {
    throw std::bad_alloc();
  }
  if (const Store store(X509_STORE_new()); store == nullptr) {
    throw Error(ExitCode::Usage,
                doing + ": this program has nothing that reads certificates",
                "use the program with libraries: sockwitness verify; or by hand: openssl ts");
  }
}

std::string last_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "libcrypto does not say why" : reason;
}

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(ExitCode::Usage,
              "reading time stamp '" + name + "': " + why,
              "it is what an authority answered to the file of --tsq; --tsa-ca names its root");
}

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Imprint make_imprint(const Hash& head) {
  Imprint imprint(TS_MSG_IMPRINT_new());
  const Algorithm algorithm(X509_ALGOR_new());
  if (imprint == nullptr || algorithm == nullptr ||
      X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) != 1 ||
      TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) != 1) {
    throw std::bad_alloc();
  }
  Hash bytes = head;
  if (TS_MSG_IMPRINT_set_msg(imprint.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::bad_alloc();
  }
  return imprint;
}

std::optional<Hash> stamped_head(TS_TST_INFO* info) {
  TS_MSG_IMPRINT* const imprint = TS_TST_INFO_get_msg_imprint(info);
  const ASN1_OBJECT* kind = nullptr;
  X509_ALGOR_get0(&kind, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  const ASN1_OCTET_STRING* const bytes = TS_MSG_IMPRINT_get_msg(imprint);
  Hash head{};
  if (OBJ_obj2nid(kind) != NID_sha256 ||
      ASN1_STRING_length(bytes) != static_cast<int>(head.size())) {
    return std::nullopt;
  }
  std::copy_n(ASN1_STRING_get0_data(bytes), head.size(), head.begin());
  return head;
}

std::optional<std::time_t> stamped_time(const TS_TST_INFO* info) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) {
    return std::nullopt;
  }
  return ::timegm(&parts);
}

// The certificate may have run out since, as the stamp outlives it.
Store read_authorities(const std::string& path, std::time_t at) {
  Store store(X509_STORE_new());
  if (store == nullptr) {
    throw std::bad_alloc();
  }
  if (X509_STORE_load_file(store.get(), path.c_str()) != 1) {
    throw Error(ExitCode::Usage,
                "reading certificates '" + path + "': " + last_reason(),
                "a file in PEM with the root of the authority, from the authority");
  }
  X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), at);
  return store;
}

std::string name_of_signer(TS_RESP* reply) {
  PKCS7* const token = TS_RESP_get_token(reply);
  const std::unique_ptr<STACK_OF(X509), FreeCertificates> signers(
      PKCS7_get0_signers(token, nullptr, 0));
  if (signers == nullptr || sk_X509_num(signers.get()) < 1) {
    return "not told";
  }
  const std::unique_ptr<char, FreeBy<[](char* text) { OPENSSL_free(text); }>> name(
      X509_NAME_oneline(X509_get_subject_name(sk_X509_value(signers.get(), 0)), nullptr, 0));
  return name == nullptr ? "not told" : name.get();
}

}  // namespace

std::string encode_stamp_query(const Hash& head) {
  require_certificates("writing a query for a time stamp");
  const Request request(TS_REQ_new());
  const Imprint imprint = make_imprint(head);
  if (request == nullptr || TS_REQ_set_version(request.get(), 1) != 1 ||
      TS_REQ_set_msg_imprint(request.get(), imprint.get()) != 1 ||
      TS_REQ_set_cert_req(request.get(), 1) != 1) {
    throw std::bad_alloc();
  }
  unsigned char* bytes = nullptr;
  const int size = i2d_TS_REQ(request.get(), &bytes);
  if (size <= 0) {
    throw std::bad_alloc();
  }
  const std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return text;
}

TimeStamp check_stamp_reply(const std::string& name,
                            std::string_view bytes,
                            const std::string& authorities) {
  require_certificates("reading time stamp '" + name + "'");
  ERR_clear_error();
  const unsigned char* at = unsigned_bytes(bytes);
  const Reply reply(d2i_TS_RESP(nullptr, &at, static_cast<long>(bytes.size())));
  if (reply == nullptr || at != unsigned_bytes(bytes) + bytes.size()) {
    refuse(name, "it is not the reply of an authority");
  }
  TS_TST_INFO* const info = TS_RESP_get_tst_info(reply.get());
  if (info == nullptr) {
    refuse(name, "the authority refused: it has no stamp");
  }
  const auto head = stamped_head(info);
  const auto time = stamped_time(info);
  if (!head || !time) {
    refuse(name, "it is no stamp of a SHA-256");
  }
  Store store = read_authorities(authorities, *time);
  const std::string signer = name_of_signer(reply.get());
  const Context context(TS_VERIFY_CTX_new());
  auto* const imprint = static_cast<unsigned char*>(OPENSSL_malloc(head->size()));
  if (context == nullptr || imprint == nullptr) {
    throw std::bad_alloc();
  }
  std::copy(head->begin(), head->end(), imprint);
  TS_VERIFY_CTX_set_imprint(context.get(), imprint, static_cast<long>(head->size()));
  TS_VERIFY_CTX_set_store(context.get(), store.release());
  TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE);
  if (TS_RESP_verify_response(context.get(), reply.get()) != 1) {
    refuse(name, "it is not signed by an authority of '" + authorities + "': " + last_reason());
  }
  constexpr std::int64_t kSecond = 1'000'000;
  return {*head, static_cast<std::int64_t>(*time) * kSecond, signer};
}

}  // namespace sockwitness::schema
