// A link of the chain as a line of a sealed export.
//
// In:    a line, from wherever it comes.
// Out:   what it says; the same line again.
// Never: takes a line that format_sealed_link() would not give.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/chain/link_head.h"

namespace sockwitness::query {

struct SealedLink {
  std::int64_t record = 0;
  std::int64_t kind = 0;
  std::int64_t written_us = 0;
  std::int64_t leaves = 0;
  std::string advance;
  schema::Hash root{};
  schema::PublicKey successor{};
  schema::Hash head{};
  schema::Signature signature{};
  std::optional<schema::Hash> environment;  // leaf of its row, where a new one holds from here on
  std::optional<schema::PublicKey> key;     // where a row of keys begins
};

// Without a line break.
[[nodiscard]] std::string format_sealed_link(const SealedLink& link);
[[nodiscard]] std::optional<SealedLink> parse_sealed_link(std::string_view line);

}  // namespace sockwitness::query
