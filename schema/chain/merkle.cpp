#include "schema/chain/merkle.h"

#include <bit>

namespace sockwitness::schema {
namespace {

using namespace std::string_view_literals;

// Of more than one leaf: how many of them are below the left one of the two highest nodes.
std::size_t left_of(std::size_t leaves) {
  return std::bit_ceil(leaves) / 2;
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

MerkleTree::MerkleTree(Hasher& hasher, std::vector<Hash> leaves) : hasher_(hasher) {
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) {
    const std::vector<Hash>& below = levels_.back();
    std::vector<Hash> level;
    level.reserve(below.size() / 2);
    for (std::size_t at = 0; at + 1 < below.size(); at += 2) {
      level.push_back(node_hash(hasher_, below[at], below[at + 1]));
    }
    levels_.push_back(std::move(level));
  }
}

// As the root is made: the left part is a full tree.
Hash MerkleTree::hash_of(std::size_t first, std::size_t count) const {
  if (std::has_single_bit(count)) {
    const auto level = static_cast<std::size_t>(std::countr_zero(count));
    return levels_[level][first >> level];
  }
  const std::size_t left = left_of(count);
  return node_hash(hasher_, hash_of(first, left), hash_of(first + left, count - left));
}

Hash MerkleTree::root() const {
  return levels_.front().empty() ? hasher_.finish() : hash_of(0, levels_.front().size());
}

std::vector<Hash> MerkleTree::path(std::size_t at) const {
  std::vector<Hash> path;
  collect(0, levels_.front().size(), at, path);
  return path;
}

void MerkleTree::collect(std::size_t first,
                         std::size_t count,
                         std::size_t at,
                         std::vector<Hash>& path) const {
  if (count < 2) {
    return;
  }
  const std::size_t left = left_of(count);
  if (at < left) {
    collect(first, left, at, path);
    path.push_back(hash_of(first + left, count - left));
  } else {
    collect(first + left, count - left, at - left, path);
    path.push_back(hash_of(first, left));
  }
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
