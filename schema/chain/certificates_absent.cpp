// In place of what libcrypto has for certificates and time stamps, in a program without it: nothing
// is there. What asks learns that from the first of them, X509_STORE_new(), and goes no further.
extern "C" {

void* ASN1_STRING_get0_data() {
  return nullptr;
}
void* ASN1_STRING_length() {
  return nullptr;
}
void* ASN1_TIME_to_tm() {
  return nullptr;
}
void* CRYPTO_free() {
  return nullptr;
}
void* CRYPTO_malloc() {
  return nullptr;
}
void* ERR_clear_error() {
  return nullptr;
}
void* ERR_peek_last_error() {
  return nullptr;
}
void* ERR_reason_error_string() {
  return nullptr;
}
void* OBJ_nid2obj() {
  return nullptr;
}
void* OBJ_obj2nid() {
  return nullptr;
}
void* OPENSSL_sk_free() {
  return nullptr;
}
void* OPENSSL_sk_num() {
  return nullptr;
}
void* OPENSSL_sk_value() {
  return nullptr;
}
void* PKCS7_get0_signers() {
  return nullptr;
}
void* TS_MSG_IMPRINT_free() {
  return nullptr;
}
void* TS_MSG_IMPRINT_get_algo() {
  return nullptr;
}
void* TS_MSG_IMPRINT_get_msg() {
  return nullptr;
}
void* TS_MSG_IMPRINT_new() {
  return nullptr;
}
void* TS_MSG_IMPRINT_set_algo() {
  return nullptr;
}
void* TS_MSG_IMPRINT_set_msg() {
  return nullptr;
}
void* TS_REQ_free() {
  return nullptr;
}
void* TS_REQ_new() {
  return nullptr;
}
void* TS_REQ_set_cert_req() {
  return nullptr;
}
void* TS_REQ_set_msg_imprint() {
  return nullptr;
}
void* TS_REQ_set_version() {
  return nullptr;
}
void* TS_RESP_free() {
  return nullptr;
}
void* TS_RESP_get_token() {
  return nullptr;
}
void* TS_RESP_get_tst_info() {
  return nullptr;
}
void* TS_RESP_verify_response() {
  return nullptr;
}
void* TS_TST_INFO_get_msg_imprint() {
  return nullptr;
}
void* TS_TST_INFO_get_time() {
  return nullptr;
}
void* TS_VERIFY_CTX_add_flags() {
  return nullptr;
}
void* TS_VERIFY_CTX_free() {
  return nullptr;
}
void* TS_VERIFY_CTX_new() {
  return nullptr;
}
void* TS_VERIFY_CTX_set_imprint() {
  return nullptr;
}
void* TS_VERIFY_CTX_set_store() {
  return nullptr;
}
void* X509_ALGOR_free() {
  return nullptr;
}
void* X509_ALGOR_get0() {
  return nullptr;
}
void* X509_ALGOR_new() {
  return nullptr;
}
void* X509_ALGOR_set0() {
  return nullptr;
}
void* X509_NAME_oneline() {
  return nullptr;
}
void* X509_STORE_free() {
  return nullptr;
}
void* X509_STORE_get0_param() {
  return nullptr;
}
void* X509_STORE_load_file() {
  return nullptr;
}
void* X509_STORE_new() {
  return nullptr;
}
void* X509_VERIFY_PARAM_set_time() {
  return nullptr;
}
void* X509_get_subject_name() {
  return nullptr;
}
void* d2i_TS_RESP() {
  return nullptr;
}
void* i2d_TS_REQ() {
  return nullptr;
}

}  // extern "C"
