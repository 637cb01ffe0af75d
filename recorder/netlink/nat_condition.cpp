#include "recorder/netlink/nat_condition.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace sockwitness::recorder {
namespace {

void limit_address(std::optional<AddressSpan>& known, const AddressSpan& wanted, bool& impossible) {
  if (!known) {
    known = wanted;
    return;
  }
  if (known->first.is_v6() != wanted.first.is_v6()) {
    impossible = true;
    return;
  }
  known->first = std::max(known->first, wanted.first);
  known->last = std::min(known->last, wanted.last);
  impossible = impossible || known->last < known->first;
}

}  // namespace

std::string AddressSpan::text() const {
  if (single()) {
    return first.text();
  }
  for (unsigned length = first.is_v6() ? 128 : 32; length-- > 0;) {
    if (const auto prefix = of_prefix(first, length); prefix && *prefix == *this) {
      return first.text() + "/" + std::to_string(length);
    }
  }
  return first.text() + "-" + last.text();
}

std::optional<AddressSpan> AddressSpan::of_prefix(const schema::IpAddress& address,
                                                  unsigned length) {
  const std::string_view bytes = address.bytes();
  if (length > bytes.size() * 8) {
    return std::nullopt;
  }
  std::string low(bytes);
  std::string high(bytes);
  for (std::size_t bit = length; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
    low[bit / 8] = static_cast<char>(static_cast<unsigned char>(low[bit / 8]) & ~mask);
    high[bit / 8] = static_cast<char>(static_cast<unsigned char>(high[bit / 8]) | mask);
  }
  return AddressSpan{*schema::IpAddress::from_bytes(low), *schema::IpAddress::from_bytes(high)};
}

void NatCondition::limit_family(bool is_v6) {
  impossible = impossible || v6.value_or(is_v6) != is_v6;
  v6 = is_v6;
}

void NatCondition::limit_protocols(const std::vector<std::uint8_t>& wanted) {
  if (protocols.empty()) {
    protocols = wanted;
  } else {
    std::erase_if(protocols, [&](std::uint8_t protocol) {
      return std::find(wanted.begin(), wanted.end(), protocol) == wanted.end();
    });
  }
  impossible = impossible || protocols.empty();
}

void NatCondition::limit_ports(const std::vector<PortSpan>& wanted) {
  std::vector<PortSpan> both;
  for (const PortSpan& left : ports) {
    for (const PortSpan& right : wanted) {
      const PortSpan common{std::max(left.first, right.first), std::min(left.last, right.last)};
      if (common.first <= common.last) {
        both.push_back(common);
      }
    }
  }
  ports = std::move(both);
  impossible = impossible || ports.empty();
}

void NatCondition::limit_destination(const AddressSpan& wanted) {
  limit_family(wanted.first.is_v6());
  limit_address(destination, wanted, impossible);
}

void NatCondition::limit_source(const AddressSpan& wanted) {
  limit_family(wanted.first.is_v6());
  limit_address(source, wanted, impossible);
}

void NatCondition::limit_device(const std::string& wanted) {
  impossible = impossible || (!device.empty() && device != wanted);
  device = wanted;
}

void NatCondition::remark(std::string words) {
  if (std::find(remarks.begin(), remarks.end(), words) == remarks.end()) {
    remarks.push_back(std::move(words));
  }
}

std::vector<PortSpan> complement(std::vector<PortSpan> spans) {
  std::sort(spans.begin(), spans.end(), [](const PortSpan& left, const PortSpan& right) {
    return left.first < right.first;
  });
  std::vector<PortSpan> others;
  std::uint32_t next = 0;
  for (const PortSpan& span : spans) {
    if (span.first > next) {
      others.push_back(
          {static_cast<std::uint16_t>(next), static_cast<std::uint16_t>(span.first - 1)});
    }
    next = std::max<std::uint32_t>(next, std::uint32_t{span.last} + 1);
  }
  if (next <= 65535) {
    others.push_back({static_cast<std::uint16_t>(next), 65535});
  }
  return others;
}

}  // namespace sockwitness::recorder
