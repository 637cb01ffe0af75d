// The identity of a socket or process: the same in every snapshot, also after a gap hid it.
//
// In:    what the kernel names it by within a boot.
// Out:   values that are equal for the same thing, and ordered.
// Never: a row of the database: a thing that a gap hid for a while has several rows.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace sockwitness::query {

struct Identity {
  std::uint32_t boot = 0;    // counted from the first of the history
  std::uint64_t place = 0;   // of a socket the inode of its namespace, of a process its pid
  std::uint64_t number = 0;  // cookie, or start
  std::string rest;          // without a cookie: protocol, addresses and inode
  std::uint64_t inode = 0;   // of a socket; no part of the order, for it comes with accept

  friend auto operator<=>(const Identity& left, const Identity& right) {
    return std::tie(left.boot, left.place, left.number, left.rest) <=>
           std::tie(right.boot, right.place, right.number, right.rest);
  }
  friend bool operator==(const Identity& left, const Identity& right) {
    return (left <=> right) == 0;
  }
};

// One of them has a cookie and the other one none: the same socket was read in two ways.
[[nodiscard]] inline bool share_inode(const std::vector<Identity>& left,
                                      const std::vector<Identity>& right) {
  return std::any_of(left.begin(), left.end(), [&](const Identity& one) {
    return one.inode != 0 && std::any_of(right.begin(), right.end(), [&](const Identity& other) {
             return one.inode == other.inode && one.boot == other.boot &&
                    one.rest.empty() != other.rest.empty();
           });
  });
}

// Both ascending.
[[nodiscard]] inline bool disjoint(const std::vector<Identity>& left,
                                   const std::vector<Identity>& right) {
  return std::none_of(left.begin(),
                      left.end(),
                      [&](const Identity& identity) {
                        return std::binary_search(right.begin(), right.end(), identity);
                      }) &&
         !share_inode(left, right);
}

}  // namespace sockwitness::query
