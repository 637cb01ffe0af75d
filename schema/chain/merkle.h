// The root over the rows of a record, as RFC 6962 has it (2.1), and why a row is below it.
//
// In:    the canonical bytes of rows, in their order.
// Out:   one hash that stands for all of them; the path from one row to it.
// Never: keeps the rows, or more than one hash for each level.
#pragma once

#include <cstdint>
#include <vector>

#include "schema/chain/hasher.h"

namespace sockwitness::schema {

// SHA-256 of a byte 0 and the bytes.
[[nodiscard]] Hash leaf_hash(Hasher& hasher, std::string_view bytes);
// SHA-256 of a byte 1 and both.
[[nodiscard]] Hash node_hash(Hasher& hasher, const Hash& left, const Hash& right);

class MerkleRoot {
 public:
  explicit MerkleRoot(Hasher& hasher) : hasher_(hasher) {}

  void add(std::string_view row) { add_leaf(leaf_hash(hasher_, row)); }
  void add_leaf(Hash leaf);
  [[nodiscard]] std::int64_t leaves() const { return leaves_; }
  // Of no leaf: SHA-256 of nothing. It begins anew then.
  [[nodiscard]] Hash finish();

 private:
  struct Peak {
    Hash hash;
    std::int64_t leaves;
  };
  Hasher& hasher_;
  std::vector<Peak> peaks_;  // of full trees, the largest first
  std::int64_t leaves_ = 0;
};

// All of a tree at once, for the ways from many leaves to the root.
class MerkleTree {
 public:
  MerkleTree(Hasher& hasher, std::vector<Hash> leaves);

  [[nodiscard]] Hash root() const;
  // The hashes beside the way from a leaf to the root, from below (RFC 6962, 2.1.1). Precondition:
  // there is such a leaf.
  [[nodiscard]] std::vector<Hash> path(std::size_t at) const;

 private:
  [[nodiscard]] Hash hash_of(std::size_t first, std::size_t count) const;
  void collect(std::size_t first, std::size_t count, std::size_t at, std::vector<Hash>& path) const;

  Hasher& hasher_;
  // Of full trees of 1, 2, 4, … leaves, side by side.
  std::vector<std::vector<Hash>> levels_;
};

// Where that way leads (RFC 9162, 2.1.3.2). Nothing good for a path that is none: it is no root.
[[nodiscard]] Hash follow_path(Hasher& hasher,
                               Hash leaf,
                               std::uint64_t at,
                               std::uint64_t leaves,
                               const std::vector<Hash>& path);

}  // namespace sockwitness::schema
