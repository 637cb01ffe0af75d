// Time stamps of an authority (RFC 3161): its signature that a head existed at a time.
//
// In:    a head; the reply of an authority and the certificates that it is trusted by.
// Out:   the query that is sent to one; what the reply says.
// Never: sends anything, or says what a reply says without its signature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "schema/chain/hasher.h"

namespace sockwitness::schema {

struct TimeStamp {
  Hash head{};             // SHA-256 of what was stamped
  std::int64_t at_us = 0;  // when, by the authority's clock; microseconds since 1970
  std::string authority;   // subject of the certificate that signed it
};

// The file that an authority takes (.tsq). The same for the same head.
[[nodiscard]] std::string encode_stamp_query(const Hash& head);

// Of the file that an authority gave (.tsr); `authorities` has certificates in PEM. Its own has to
// have been valid when it signed. `name` is what messages call it. Throws Error (Usage) for one
// that is not signed as it has to be, or cannot be read.
[[nodiscard]] TimeStamp check_stamp_reply(const std::string& name,
                                          std::string_view reply,
                                          const std::string& authorities);

}  // namespace sockwitness::schema
