#include "query/seal/sealed_row.h"

#include <bit>

#include <fmt/format.h>

#include "query/seal/exact_json.h"
#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

using schema::StoredBlob;
using schema::StoredText;
using schema::StoredValue;

constexpr std::size_t kMostPath = 64;
constexpr std::string_view kBytes = R"({"bytes":)";
constexpr std::string_view kHex = R"({"hex":)";
constexpr std::string_view kTextHex = R"({"text_hex":)";
constexpr std::string_view kReal = R"({"ieee754":)";

void append_object(std::string& line, std::string_view begin, std::string_view text) {
  line += begin;
  append_json_string(line, text);
  line += '}';
}

// A number is an INTEGER, a string a TEXT; an object says what else it is.
void append_value(std::string& line, const StoredValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    line += std::to_string(*integer);
  } else if (const auto* text = std::get_if<StoredText>(&value)) {
    if (schema::is_utf8(text->bytes)) {
      append_json_string(line, text->bytes);
    } else {
      append_object(line, kTextHex, schema::hex(text->bytes));
    }
  } else if (const auto* blob = std::get_if<StoredBlob>(&value)) {
    const bool readable = schema::is_utf8(blob->bytes);
    append_object(
        line, readable ? kBytes : kHex, readable ? blob->bytes : schema::hex(blob->bytes));
  } else if (const auto* real = std::get_if<double>(&value)) {
    line += fmt::format("{}{}}}", kReal, std::bit_cast<std::uint64_t>(*real));
  } else {
    line += "null";
  }
}

StoredValue take_value(ExactJson& json) {
  if (json.maybe("null")) {
    return {};
  }
  if (json.rest().starts_with('"')) {
    return StoredText{json.string()};
  }
  if (!json.rest().starts_with('{')) {
    return json.number<std::int64_t>();
  }
  StoredValue value;
  if (json.maybe(kBytes)) {
    value = StoredBlob{json.string()};
  } else if (json.maybe(kHex)) {
    value = StoredBlob{json.hex()};
  } else if (json.maybe(kTextHex)) {
    value = StoredText{json.hex()};
  } else {
    json.literal(kReal);
    value = std::bit_cast<double>(json.number<std::uint64_t>());
  }
  json.literal("}");
  return value;
}

RowProof take_proof(ExactJson& json) {
  RowProof proof;
  proof.place = json.number<std::uint64_t>();
  json.literal(R"(,"path":[)");
  while (json.good() && !json.maybe("]") && proof.path.size() < kMostPath) {
    if (!proof.path.empty()) {
      json.literal(",");
    }
    proof.path.push_back(json.bytes<32>());
  }
  return proof;
}

}  // namespace

std::string format_sealed_row(const SealedRow& sealed, const TableColumns& columns) {
  const std::vector<std::string>& names = columns.find(sealed.row.table)->second;
  std::string line =
      fmt::format(R"({{"record":{},"table":"{}","row":{{)", sealed.record, sealed.row.table);
  for (std::size_t at = 0; at < sealed.row.values.size(); ++at) {
    line += fmt::format(R"({}"{}":)", at == 0 ? "" : ",", names[at]);
    append_value(line, sealed.row.values[at]);
  }
  line += '}';
  if (sealed.proof) {
    line += fmt::format(R"(,"place":{},"path":[)", sealed.proof->place);
    for (std::size_t at = 0; at < sealed.proof->path.size(); ++at) {
      line += fmt::format(R"({}"{}")", at == 0 ? "" : ",", schema::to_hex(sealed.proof->path[at]));
    }
    line += ']';
  }
  return line + "}";
}

std::optional<SealedRow> parse_sealed_row(std::string_view line, const TableColumns& columns) {
  ExactJson json(line);
  SealedRow sealed;
  json.literal(R"({"record":)");
  sealed.record = json.number<std::int64_t>();
  json.literal(R"(,"table":)");
  sealed.row.table = json.string();
  const auto names = columns.find(sealed.row.table);
  if (!json.good() || names == columns.end()) {
    return std::nullopt;
  }
  json.literal(R"(,"row":{)");
  for (const std::string& name : names->second) {
    if (json.rest().starts_with('}')) {
      break;  // of an earlier version, which had fewer columns
    }
    json.literal(fmt::format(R"({}"{}":)", sealed.row.values.empty() ? "" : ",", name));
    sealed.row.values.push_back(take_value(json));
  }
  json.literal("}");
  if (json.maybe(R"(,"place":)")) {
    sealed.proof = take_proof(json);
  }
  json.literal("}");
  return json.ended() && format_sealed_row(sealed, columns) == line
             ? std::optional(std::move(sealed))
             : std::nullopt;
}

}  // namespace sockwitness::query
