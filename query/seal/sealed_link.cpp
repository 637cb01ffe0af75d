#include "query/seal/sealed_link.h"

#include <nlohmann/json.hpp>

#include "schema/base/escape.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::query {
namespace {

using Json = nlohmann::ordered_json;

std::optional<std::int64_t> integer_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer()
             ? std::optional(found->get<std::int64_t>())
             : std::nullopt;
}

template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> bytes_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string()
             ? schema::from_hex<Size>(found->get<std::string>())
             : std::nullopt;
}

}  // namespace

std::string format_sealed_link(const SealedLink& link) {
  Json object;
  object["record"] = link.record;
  object["kind"] = link.kind;
  object["written_us"] = link.written_us;
  object["leaves"] = link.leaves;
  object["advance"] = schema::hex(link.advance);
  object["root"] = schema::to_hex(link.root);
  object["successor"] = schema::to_hex(link.successor);
  object["head"] = schema::to_hex(link.head);
  object["signature"] = schema::to_hex(link.signature);
  if (link.environment) {
    object["environment"] = schema::to_hex(*link.environment);
  }
  if (link.key) {
    object["key"] = schema::to_hex(*link.key);
  }
  return object.dump();
}

std::optional<SealedLink> parse_sealed_link(std::string_view line) {
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) {
    return std::nullopt;
  }
  const auto record = integer_of(object, "record");
  const auto kind = integer_of(object, "kind");
  const auto written = integer_of(object, "written_us");
  const auto leaves = integer_of(object, "leaves");
  const auto root = bytes_of<32>(object, "root");
  const auto successor = bytes_of<32>(object, "successor");
  const auto head = bytes_of<32>(object, "head");
  const auto signature = bytes_of<64>(object, "signature");
  const auto advance = object.find("advance");
  if (!record || !kind || !written || !leaves || !root || !successor || !head || !signature ||
      advance == object.end() || !advance->is_string()) {
    return std::nullopt;
  }
  auto marks = schema::bytes_from_hex(advance->get<std::string>());
  if (!marks) {
    return std::nullopt;
  }
  SealedLink link{*record,
                  *kind,
                  *written,
                  *leaves,
                  std::move(*marks),
                  *root,
                  *successor,
                  *head,
                  *signature,
                  bytes_of<32>(object, "environment"),
                  bytes_of<32>(object, "key")};
  return format_sealed_link(link) == line ? std::optional(std::move(link)) : std::nullopt;
}

}  // namespace sockwitness::query
