// The head of a link: everything that a signature vouches for.
//
// In:    what a record is, what lay before it, and the root over its rows.
// Out:   the canonical bytes of the head, and their hash, which is signed.
// Never: leaves out what would make two histories alike.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "schema/chain/marks.h"
#include "schema/chain/signature.h"

namespace sockwitness::schema {

using ArchiveId = std::array<std::uint8_t, 16>;

struct LinkHead {
  ArchiveId archive{};
  std::int64_t record = 0;
  std::int64_t kind = 0;
  std::int64_t written_us = 0;
  Hash previous{};        // zeros for the first link
  PublicKey key{};        // that signs this one
  PublicKey successor{};  // that signs the next one
  Hash environment{};     // of the row of `environment` that holds for it
  std::int64_t leaves = 0;
  Hash root{};
  Marks marks;  // after it
};

[[nodiscard]] std::string encode_link_head(const LinkHead& head);
[[nodiscard]] Hash hash_link_head(Hasher& hasher, const LinkHead& head);

}  // namespace sockwitness::schema
