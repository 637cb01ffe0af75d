#include "schema/model/ip.h"

#include <arpa/inet.h>

#include <algorithm>

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

bool bits_equal(std::string_view left, std::string_view right, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (left.substr(0, whole) != right.substr(0, whole)) {
    return false;
  }
  const unsigned rest = bits % 8;
  if (rest == 0) {
    return true;
  }
  const unsigned mask = 0xFFU << (8 - rest);
  return ((static_cast<std::uint8_t>(left[whole]) ^ static_cast<std::uint8_t>(right[whole])) &
          mask & 0xFFU) == 0;
}

}  // namespace

IpAddress IpAddress::v4(std::span<const std::uint8_t, 4> network_order) {
  IpAddress address;
  std::copy(network_order.begin(), network_order.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::v6(std::span<const std::uint8_t, 16> network_order) {
  IpAddress address;
  address.v6_ = true;
  std::copy(network_order.begin(), network_order.end(), address.bytes_.begin());
  return address;
}

IpAddress IpAddress::any_v6() {
  IpAddress address;
  address.v6_ = true;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) {
    return v4(std::span<const std::uint8_t, 4>(bytes.data(), 4));
  }
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) {
    return v6(bytes);
  }
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_bytes(std::string_view network_order) {
  if (network_order.size() != 4 && network_order.size() != 16) {
    return std::nullopt;
  }
  IpAddress address;
  address.v6_ = network_order.size() == 16;
  std::transform(network_order.begin(), network_order.end(), address.bytes_.begin(), [](char byte) {
    return static_cast<std::uint8_t>(byte);
  });
  return address;
}

std::string_view IpAddress::bytes() const {
  return {reinterpret_cast<const char*>(bytes_.data()), v6_ ? std::size_t{16} : std::size_t{4}};
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), buffer.data(), buffer.size());
  return buffer.data();
}

IpClass IpAddress::ip_class() const {
  if (std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return byte == 0; })) {
    return IpClass::Any;
  }
  if (v6_) {
    if (mapped_v4()) {
      return IpClass::Mapped;
    }
    const bool loopback =
        bytes_[15] == 1 &&
        std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; });
    if (loopback) {
      return IpClass::Loopback;
    }
    if (bytes_[0] == 0xFE && (bytes_[1] & 0xC0U) == 0x80U) {
      return IpClass::LinkLocal;
    }
    if ((bytes_[0] & 0xFEU) == 0xFCU) {
      return IpClass::Private;
    }
    return bytes_[0] == 0xFF ? IpClass::Multicast : IpClass::Global;
  }
  if (bytes_[0] == 127) {
    return IpClass::Loopback;
  }
  if (bytes_[0] == 169 && bytes_[1] == 254) {
    return IpClass::LinkLocal;
  }
  const bool private_v4 = bytes_[0] == 10 || (bytes_[0] == 172 && (bytes_[1] & 0xF0U) == 16) ||
                          (bytes_[0] == 192 && bytes_[1] == 168);
  if (private_v4) {
    return IpClass::Private;
  }
  return (bytes_[0] & 0xF0U) == 0xE0U ? IpClass::Multicast : IpClass::Global;
}

std::optional<IpAddress> IpAddress::mapped_v4() const {
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
  if (!v6_ || bytes().substr(0, 12) != kMapped) {
    return std::nullopt;
  }
  return v4(std::span<const std::uint8_t, 4>(bytes_.data() + 12, 4));
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return std::nullopt;
  }
  const unsigned full = address->is_v6() ? 128 : 32;
  if (slash == std::string_view::npos) {
    return IpPrefix{*address, full};
  }
  const auto length = parse_number<unsigned>(text.substr(slash + 1));
  if (!length || *length > full) {
    return std::nullopt;
  }
  return IpPrefix{*address, *length};
}

bool IpPrefix::contains(const IpAddress& candidate) const {
  if (candidate.is_v6() != address.is_v6()) {
    const auto mapped = candidate.mapped_v4();
    return mapped && !address.is_v6() && bits_equal(mapped->bytes(), address.bytes(), length);
  }
  return bits_equal(candidate.bytes(), address.bytes(), length);
}

}  // namespace sockwitness::schema
