// An IPv4 or IPv6 address as one value, and a prefix to match it with.
//
// In:    network-order bytes, or text.
// Out:   order, canonical text (RFC 5952), class, prefix match.
// Never: converts between the families on its own: ::ffff:127.0.0.1 is an IPv6 address of class
//        Mapped.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sockwitness::schema {

enum class IpClass { Any, Loopback, LinkLocal, Private, Multicast, Mapped, Global };

// "any", "loopback", "link-local", "private", "multicast", "mapped", "global"
[[nodiscard]] std::string_view ip_class_word(IpClass ip_class);

class IpAddress {
 public:
  // The address 0.0.0.0.
  constexpr IpAddress() = default;

  [[nodiscard]] static IpAddress v4(std::span<const std::uint8_t, 4> network_order);
  [[nodiscard]] static IpAddress v6(std::span<const std::uint8_t, 16> network_order);
  [[nodiscard]] static IpAddress any_v6();
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  // 4 or 16 bytes, as stored; anything else is nothing.
  [[nodiscard]] static std::optional<IpAddress> from_bytes(std::string_view network_order);

  [[nodiscard]] bool is_v6() const { return v6_; }
  // 4 or 16 bytes in network order.
  [[nodiscard]] std::string_view bytes() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] IpClass ip_class() const;
  // The IPv4 address inside ::ffff:a.b.c.d.
  [[nodiscard]] std::optional<IpAddress> mapped_v4() const;

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 in the first four, the rest zero
};

// "10.0.0.0/8", "2001:db8::/32", or an address alone (a prefix of full length).
struct IpPrefix {
  IpAddress address;
  unsigned length = 0;

  [[nodiscard]] static std::optional<IpPrefix> parse(std::string_view text);
  // A mapped IPv4 address matches IPv4 prefixes: a dual-stack server's peers are IPv4 peers.
  [[nodiscard]] bool contains(const IpAddress& candidate) const;
};

}  // namespace sockwitness::schema
