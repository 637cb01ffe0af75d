#include "query/seal/sealed_link.h"

#include <fmt/format.h>

#include "query/seal/exact_json.h"
#include "schema/base/escape.h"

namespace sockwitness::query {

std::string format_sealed_link(const SealedLink& link) {
  std::string line = fmt::format(
      R"({{"record":{},"kind":{},"written_us":{},"leaves":{},"advance":"{}","root":"{}",)"
      R"("successor":"{}","head":"{}","signature":"{}")",
      link.record,
      link.kind,
      link.written_us,
      link.leaves,
      schema::hex(link.advance),
      schema::to_hex(link.root),
      schema::to_hex(link.successor),
      schema::to_hex(link.head),
      schema::to_hex(link.signature));
  if (link.environment) {
    line += fmt::format(R"(,"environment":"{}")", schema::to_hex(*link.environment));
  }
  if (link.key) {
    line += fmt::format(R"(,"key":"{}")", schema::to_hex(*link.key));
  }
  return line + "}";
}

std::optional<SealedLink> parse_sealed_link(std::string_view line) {
  ExactJson json(line);
  SealedLink link;
  json.literal(R"({"record":)");
  link.record = json.number<std::int64_t>();
  json.literal(R"(,"kind":)");
  link.kind = json.number<std::int64_t>();
  json.literal(R"(,"written_us":)");
  link.written_us = json.number<std::int64_t>();
  json.literal(R"(,"leaves":)");
  link.leaves = json.number<std::int64_t>();
  json.literal(R"(,"advance":)");
  link.advance = json.hex();
  json.literal(R"(,"root":)");
  link.root = json.bytes<32>();
  json.literal(R"(,"successor":)");
  link.successor = json.bytes<32>();
  json.literal(R"(,"head":)");
  link.head = json.bytes<32>();
  json.literal(R"(,"signature":)");
  link.signature = json.bytes<64>();
  if (json.maybe(R"(,"environment":)")) {
    link.environment = json.bytes<32>();
  }
  if (json.maybe(R"(,"key":)")) {
    link.key = json.bytes<32>();
  }
  json.literal("}");
  return json.ended() && format_sealed_link(link) == line ? std::optional(std::move(link))
                                                          : std::nullopt;
}

}  // namespace sockwitness::query
