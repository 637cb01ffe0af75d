// How far endpoints of one port can be reached from: this host, some address of it, any.
//
// In:    endpoints of one service with what is known of their IPv6 sockets.
// Out:   a width per address family; whether one reach is wider than another.
// Never: says that a firewall lets anybody through.
#pragma once

#include <compare>
#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "schema/model/service.h"

namespace sockwitness::query {

enum class Width : std::uint8_t { None, Loopback, Specific, Any };

// An address, perhaps only for what comes in by one interface.
struct Spot {
  schema::IpAddress address;
  std::string device;  // empty: by any

  friend auto operator<=>(const Spot&, const Spot&) = default;
};

struct Reach {
  Width v4 = Width::None;
  Width v6 = Width::None;
  std::set<Spot> specific;  // that no wildcard includes
  std::set<Spot> loopback;  // likewise

  friend bool operator==(const Reach&, const Reach&) = default;
};

// A wildcard IPv6 socket counts as taking IPv4 unless it is known not to.
[[nodiscard]] Reach reach_of(std::span<const schema::Service* const> services);
[[nodiscard]] Reach reach_of(const schema::Service& service);

enum class ReachChange : std::uint8_t {
  Equal,
  Widened,   // hosts can reach it that could not before; whatever else was taken away
  Narrowed,  // only less
  Elsewhere  // as wide, at other addresses
};
[[nodiscard]] ReachChange compare_reach(const Reach& before, const Reach& after);

// True when a peer of one may be a peer of the other, too.
[[nodiscard]] bool overlap(const Reach& left, const Reach& right);

// "127.0.0.1", "any address", "0.0.0.0%br0", "any IPv4 address", "10.0.0.5, 10.0.0.6 and loopback"
[[nodiscard]] std::string reach_words(const Reach& reach);

}  // namespace sockwitness::query
