// The key file beside a database: two places of which one holds the key of the next record.
//
// In:    the text of a place.
// Out:   the key that it holds; or its text.
// Never: takes a place for a key that was not written to its end: its digest is its last line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/chain/signature.h"

namespace sockwitness::schema {

// The places lie one after the other, each of this size: what is written in place is overwritten
// there, not put elsewhere.
inline constexpr std::size_t kKeyPlaceSize = 4096;
inline constexpr std::size_t kKeyPlaces = 2;

struct KeyPlace {
  std::int64_t after = 0;  // the record that names it; 0: not known to be there
  PublicKey public_key{};
  SecretKey secret;
};

// Nothing: the place is empty, was wiped, or was not written to its end.
[[nodiscard]] std::optional<KeyPlace> parse_key_place(std::string_view text);
// Exactly kKeyPlaceSize bytes.
[[nodiscard]] std::string format_key_place(const KeyPlace& place);

// "witness.db.keys" and the file in it.
[[nodiscard]] std::string key_folder_of(const std::string& database_path);
[[nodiscard]] std::string key_file_of(const std::string& database_path);

// "sockwitness-key ARCHIVE RECORD PUBLIC": a key that signs that record, for verification.
struct EnrolledKey {
  std::string archive;  // hexadecimal
  std::int64_t record = 0;
  PublicKey public_key{};
};
[[nodiscard]] std::optional<EnrolledKey> parse_enrolled_key(std::string_view line);
[[nodiscard]] std::string format_enrolled_key(const EnrolledKey& key);
// SHA-256 of the key, eight groups of four digits: what people compare.
[[nodiscard]] std::string fingerprint_of(const PublicKey& key);

}  // namespace sockwitness::schema
