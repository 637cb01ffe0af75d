#include "schema/chain/merkle.h"

#include <bit>
#include <span>

namespace sockwitness::schema {
namespace {

using namespace std::string_view_literals;

Hash root_of(Hasher& hasher, std::span<const Hash> leaves) {
  MerkleRoot root(hasher);
  for (const Hash& leaf : leaves) {
    root.add_leaf(leaf);
  }
  return root.finish();
}

void collect_path(Hasher& hasher,
                  std::span<const Hash> leaves,
                  std::size_t at,
                  std::vector<Hash>& path) {
  if (leaves.size() < 2) {
    return;
  }
  const std::size_t left = std::bit_ceil(leaves.size()) / 2;
  if (at < left) {
    collect_path(hasher, leaves.first(left), at, path);
    path.push_back(root_of(hasher, leaves.subspan(left)));
  } else {
    collect_path(hasher, leaves.subspan(left), at - left, path);
    path.push_back(root_of(hasher, leaves.first(left)));
  }
}

}  // namespace

Hash leaf_hash(Hasher& hasher, std::string_view bytes) {
  hasher.add("\0"sv);
  hasher.add(bytes);
  return hasher.finish();
}

Hash node_hash(Hasher& hasher, const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * sizeof(Hash)> bytes{1};
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 1 + sizeof(Hash));
  hasher.add({bytes.data(), bytes.size()});
  return hasher.finish();
}

void MerkleRoot::add_leaf(Hash leaf) {
  Peak peak{leaf, 1};
  while (!peaks_.empty() && peaks_.back().leaves == peak.leaves) {
    peak = {node_hash(hasher_, peaks_.back().hash, peak.hash), peak.leaves * 2};
    peaks_.pop_back();
  }
  peaks_.push_back(peak);
  ++leaves_;
}

Hash MerkleRoot::finish() {
  if (peaks_.empty()) {
    return hasher_.finish();
  }
  Hash root = peaks_.back().hash;
  peaks_.pop_back();
  while (!peaks_.empty()) {
    root = node_hash(hasher_, peaks_.back().hash, root);
    peaks_.pop_back();
  }
  leaves_ = 0;
  return root;
}

std::vector<Hash> inclusion_path(Hasher& hasher, const std::vector<Hash>& leaves, std::size_t at) {
  std::vector<Hash> path;
  collect_path(hasher, leaves, at, path);
  return path;
}

Hash follow_path(Hasher& hasher,
                 Hash leaf,
                 std::uint64_t at,
                 std::uint64_t leaves,
                 const std::vector<Hash>& path) {
  std::uint64_t last = leaves == 0 ? 0 : leaves - 1;
  Hash hash = leaf;
  for (const Hash& beside : path) {
    if (last == 0) {
      return {};
    }
    if (at % 2 == 1 || at == last) {
      hash = node_hash(hasher, beside, hash);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = node_hash(hasher, hash, beside);
    }
    at /= 2;
    last /= 2;
  }
  return last == 0 ? hash : Hash{};
}

}  // namespace sockwitness::schema
