#include "query/seal/sealed_row.h"

#include <bit>

#include <nlohmann/json.hpp>

#include "schema/base/escape.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::query {
namespace {

using Json = nlohmann::ordered_json;
using schema::StoredBlob;
using schema::StoredText;
using schema::StoredValue;

constexpr std::uint64_t kMostPath = 64;

// A number is an INTEGER, a string a TEXT; an object says what else it is.
Json value_to_json(const StoredValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return *integer;
  }
  if (const auto* text = std::get_if<StoredText>(&value)) {
    return schema::is_utf8(text->bytes) ? Json(text->bytes)
                                        : Json::object({{"text_hex", schema::hex(text->bytes)}});
  }
  if (const auto* blob = std::get_if<StoredBlob>(&value)) {
    return schema::is_utf8(blob->bytes) ? Json::object({{"bytes", blob->bytes}})
                                        : Json::object({{"hex", schema::hex(blob->bytes)}});
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return Json::object({{"ieee754", std::bit_cast<std::uint64_t>(*real)}});
  }
  return nullptr;
}

std::optional<StoredValue> object_from_json(const Json& object) {
  if (object.size() != 1) {
    return std::nullopt;
  }
  const auto& content = object.begin().value();
  const std::string& kind = object.begin().key();
  if (kind == "ieee754" && content.is_number_unsigned()) {
    return std::bit_cast<double>(content.get<std::uint64_t>());
  }
  if (!content.is_string()) {
    return std::nullopt;
  }
  auto text = content.get<std::string>();
  if (kind == "bytes") {
    return StoredBlob{std::move(text)};
  }
  auto bytes = schema::bytes_from_hex(text);
  if (bytes && kind == "hex") {
    return StoredBlob{std::move(*bytes)};
  }
  return bytes && kind == "text_hex" ? std::optional<StoredValue>(StoredText{std::move(*bytes)})
                                     : std::nullopt;
}

std::optional<StoredValue> value_from_json(const Json& value) {
  if (value.is_null()) {
    return std::monostate{};
  }
  if (value.is_number_integer()) {
    return value.get<std::int64_t>();
  }
  if (value.is_string()) {
    return StoredText{value.get<std::string>()};
  }
  return value.is_object() ? object_from_json(value) : std::nullopt;
}

std::optional<RowProof> proof_from_json(const Json& place, const Json& path) {
  if (!place.is_number_unsigned() || !path.is_array() || path.size() > kMostPath) {
    return std::nullopt;
  }
  RowProof proof{place.get<std::uint64_t>(), {}};
  for (const Json& word : path) {
    const auto hash =
        word.is_string() ? schema::from_hex<32>(word.get<std::string>()) : std::nullopt;
    if (!hash) {
      return std::nullopt;
    }
    proof.path.push_back(*hash);
  }
  return proof;
}

}  // namespace

std::string format_sealed_row(const SealedRow& sealed, const TableColumns& columns) {
  Json object;
  object["record"] = sealed.record;
  object["table"] = sealed.row.table;
  Json row = Json::object();
  const std::vector<std::string>& names = columns.find(sealed.row.table)->second;
  for (std::size_t at = 0; at < sealed.row.values.size(); ++at) {
    row[names[at]] = value_to_json(sealed.row.values[at]);
  }
  object["row"] = std::move(row);
  if (sealed.proof) {
    object["place"] = sealed.proof->place;
    Json path = Json::array();
    for (const schema::Hash& hash : sealed.proof->path) {
      path.push_back(schema::to_hex(hash));
    }
    object["path"] = std::move(path);
  }
  // What a terminal would take for a command is written as a number.
  return object.dump(-1, ' ', true);
}

std::optional<SealedRow> parse_sealed_row(std::string_view line, const TableColumns& columns) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object() || !object.contains("record") || !object.contains("table") ||
      !object.contains("row") || !object["record"].is_number_integer() ||
      !object["table"].is_string() || !object["row"].is_object()) {
    return std::nullopt;
  }
  SealedRow sealed;
  sealed.record = object["record"].get<std::int64_t>();
  sealed.row.table = object["table"].get<std::string>();
  const auto names = columns.find(sealed.row.table);
  if (names == columns.end() || object["row"].size() > names->second.size()) {
    return std::nullopt;
  }
  for (const auto& [name, value] : object["row"].items()) {
    auto stored = value_from_json(value);
    if (!stored) {
      return std::nullopt;
    }
    sealed.row.values.push_back(std::move(*stored));
  }
  if (object.contains("place") && object.contains("path")) {
    sealed.proof = proof_from_json(object["place"], object["path"]);
  }
  return format_sealed_row(sealed, columns) == line ? std::optional(std::move(sealed))
                                                    : std::nullopt;
}

}  // namespace sockwitness::query
