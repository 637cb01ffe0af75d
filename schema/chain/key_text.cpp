#include "schema/chain/key_text.h"

#include <fmt/format.h>

#include "schema/base/scan.h"
#include "schema/chain/hasher.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kKeyTitle = "sockwitness key 1\n";
constexpr std::string_view kDigest = "sha256 ";
constexpr std::string_view kEnrolled = "sockwitness-key ";

Hash hash_of(std::string_view bytes) {
  Hasher hasher;
  hasher.add(bytes);
  return hasher.finish();
}

std::optional<std::string_view> scan_field(std::string_view& text, std::string_view name) {
  std::string_view line = scan_until(text, '\n');
  return scan_literal(line, name) ? std::optional(line) : std::nullopt;
}

}  // namespace

std::optional<KeyPlace> parse_key_place(std::string_view text) {
  const std::string_view whole = text;
  if (!scan_literal(text, kKeyTitle)) {
    return std::nullopt;
  }
  const auto after = parse_number<std::int64_t>(scan_field(text, "after ").value_or(""));
  const auto key = from_hex<32>(scan_field(text, "public ").value_or(""));
  auto secret = from_hex<32>(scan_field(text, "secret ").value_or(""));
  const std::string_view before = whole.substr(0, whole.size() - text.size());
  const auto digest = from_hex<32>(scan_field(text, kDigest).value_or(""));
  std::optional<KeyPlace> place;
  if (after && *after >= 0 && key && secret && digest && *digest == hash_of(before)) {
    place = KeyPlace{*after, *key, SecretKey(*secret)};
  }
  if (secret) {
    wipe(secret->data(), secret->size());
  }
  return place;
}

std::string format_key_place(const KeyPlace& place) {
  std::string secret = to_hex(place.secret.bytes());
  std::string text;
  text.reserve(kKeyPlaceSize);
  text += kKeyTitle;
  text += fmt::format("after {}\npublic {}\nsecret ", place.after, to_hex(place.public_key));
  text += secret;
  text += '\n';
  text += fmt::format("{}{}\n", kDigest, to_hex(hash_of(text)));
  wipe(secret.data(), secret.size());
  text.resize(kKeyPlaceSize, '\n');
  return text;
}

std::string key_folder_of(const std::string& database_path) {
  return database_path + ".keys";
}

std::string key_file_of(const std::string& database_path) {
  return key_folder_of(database_path) + "/next";
}

std::optional<EnrolledKey> parse_enrolled_key(std::string_view line) {
  if (!scan_literal(line, kEnrolled)) {
    return std::nullopt;
  }
  const auto archive = from_hex<16>(scan_until(line, ' '));
  const auto record = parse_number<std::int64_t>(scan_until(line, ' '));
  const auto key = from_hex<32>(line);
  if (!archive || !record || *record <= 0 || !key) {
    return std::nullopt;
  }
  return EnrolledKey{to_hex(*archive), *record, *key};
}

std::string format_enrolled_key(const EnrolledKey& key) {
  return fmt::format("{}{} {} {}", kEnrolled, key.archive, key.record, to_hex(key.public_key));
}

std::string fingerprint_of(const PublicKey& key) {
  const std::string digits = to_hex(hash_of(bytes_of(key)));
  std::string text;
  constexpr std::size_t kGroup = 4;
  constexpr std::size_t kGroups = 8;
  for (std::size_t group = 0; group < kGroups; ++group) {
    text += group == 0 ? "" : " ";
    text += digits.substr(group * kGroup, kGroup);
  }
  return text;
}

}  // namespace sockwitness::schema
