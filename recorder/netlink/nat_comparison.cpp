#include "recorder/netlink/nat_comparison.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <string>
#include <utility>

namespace sockwitness::recorder {
namespace {

using schema::IpAddress;

using ByteRange = std::vector<std::byte>;

std::uint16_t port_of(Bytes bytes) {
  const auto high = bytes.empty() ? 0U : std::to_integer<unsigned>(bytes[0]);
  const auto low = bytes.size() < 2 ? 0U : std::to_integer<unsigned>(bytes[1]);
  return static_cast<std::uint16_t>(high << 8U | low);
}

std::optional<IpAddress> address_of(Bytes bytes, std::size_t size) {
  std::string padded(reinterpret_cast<const char*>(bytes.data()), std::min(size, bytes.size()));
  padded.resize(size, '\0');
  return IpAddress::from_bytes(padded);
}

// The whole address, a prefix of bytes, or one of bits.
std::optional<AddressSpan> span_of(const NatRegister& one,
                                   std::optional<unsigned> length,
                                   Bytes low,
                                   Bytes high) {
  const bool v6 = one.field == NatField::Destination6 || one.field == NatField::Source6;
  const std::size_t size = v6 ? 16 : 4;
  const auto first = address_of(low, size);
  const auto last = address_of(high, size);
  if (!first || !last || !length) {
    return std::nullopt;
  }
  if (*first == *last) {
    return AddressSpan::of_prefix(*first, *length);
  }
  return AddressSpan{*first, *last};
}

std::string device_of(Bytes low, Bytes high) {
  const std::string_view name(reinterpret_cast<const char*>(low.data()), low.size());
  const bool same = std::equal(low.begin(), low.end(), high.begin(), high.end());
  const std::size_t end = name.find('\0');
  if (same && end != std::string_view::npos) {
    return std::string(name.substr(0, end));
  }
  // Without its NUL, or from "eth" on to the last that begins so.
  return std::string(name.substr(0, end)) + "*";
}

bool is_source(const NatRegister& one) {
  return one.field == NatField::Source || one.field == NatField::Source6;
}

bool is_address(const NatRegister& one) {
  return is_source(one) || one.field == NatField::Destination ||
         one.field == NatField::Destination6;
}

std::string words_of(NatField field) {
  switch (field) {
    case NatField::SourcePort:
    case NatField::BothPorts:
      return "by source port";
    case NatField::AddressType:
      return "by type of address";
    case NatField::Source:
    case NatField::Source6:
      return "by source address";
    case NatField::Destination:
    case NatField::Destination6:
      return "by destination address";
    default:
      return "by a comparison";
  }
}

void limit_field(
    NatCondition& condition, const NatRegisters& registers, std::size_t at, Bytes low, Bytes high) {
  const NatRegister& one = registers.at(at);
  const bool single = std::equal(low.begin(), low.end(), high.begin(), high.end());
  switch (one.field) {
    case NatField::DestinationPort:
      if (one.mask) {
        condition.remark("by some bits of the port");
      } else {
        condition.limit_ports({{port_of(low), port_of(high)}});
      }
      return;
    case NatField::BothPorts:
      if (single && low.size() == 4) {
        condition.limit_ports({{port_of(low.subspan(2)), port_of(low.subspan(2))}});
      }
      condition.remark("by source port");
      return;
    case NatField::Destination:
    case NatField::Source:
    case NatField::Destination6:
    case NatField::Source6:
      if (const auto span = span_of(one, registers.prefix_length(at), low, high)) {
        is_source(one) ? condition.limit_source(*span) : condition.limit_destination(*span);
        return;
      }
      break;
    case NatField::Protocol:
      if (single && !low.empty()) {
        condition.limit_protocols({std::to_integer<std::uint8_t>(low[0])});
        return;
      }
      break;
    case NatField::Family:
      if (single && !low.empty()) {
        condition.limit_family(std::to_integer<unsigned>(low[0]) == NFPROTO_IPV6);
        return;
      }
      break;
    case NatField::Device:
      condition.limit_device(device_of(low, high));
      return;
    case NatField::Interface:
      if (const auto index = decode_struct<std::uint32_t>(low); index && single) {
        condition.impossible =
            condition.impossible || (condition.interface != 0 && condition.interface != *index);
        condition.interface = *index;
        return;
      }
      break;
    case NatField::AddressType:
      if (const auto type = decode_struct<std::uint32_t>(low); type == RTN_LOCAL && single) {
        return;  // what leads elsewhere is asked for at this host
      }
      break;
    case NatField::Constant:
      return;
    case NatField::Unknown:
      if (!one.remark.empty()) {
        condition.remark(one.remark);
      }
      return;
    case NatField::SourcePort:
      break;
  }
  condition.remark(words_of(one.field));
}

Bytes part_of(const std::vector<std::byte>& bytes, std::size_t from, std::size_t size) {
  const Bytes all(bytes);
  return all.subspan(std::min(from, all.size()),
                     std::min(size, all.size() - std::min(from, all.size())));
}

bool before(const ByteRange& left, const ByteRange& right) {
  return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
}

}  // namespace

void limit_to(NatCondition& condition,
              const NatRegisters& registers,
              std::size_t at,
              const KeyRange& range) {
  constexpr std::size_t kWidth = 4;
  for (std::size_t from = 0;
       from < range.low.size() && at + from / kWidth < NatRegisters::kCount;) {
    const NatRegister& one = registers.at(at + from / kWidth);
    // Of a field that nobody knows the length is not known either: the rest is its.
    const bool known = one.field != NatField::Unknown && one.size != 0 && one.part == 0;
    const std::size_t size = known ? std::size_t{one.size} : range.low.size() - from;
    limit_field(condition,
                registers,
                at + from / kWidth,
                part_of(range.low, from, size),
                part_of(range.high, from, size));
    from += (size + kWidth - 1) / kWidth * kWidth;
  }
}

void limit_to_others(NatCondition& condition,
                     const NatRegisters& registers,
                     std::size_t at,
                     const std::vector<KeyRange>& ranges) {
  const NatRegister& one = registers.at(at);
  if (one.field == NatField::DestinationPort && !one.mask) {
    std::vector<PortSpan> spans;
    for (const KeyRange& range : ranges) {
      if (range.low.size() != one.size) {
        condition.remark("by port and more");
        return;
      }
      spans.push_back({port_of(range.low), port_of(range.high)});
    }
    condition.limit_ports(complement(spans));
    return;
  }
  if (one.field == NatField::Family && ranges.size() == 1) {
    const Bytes low(ranges.front().low);
    condition.limit_family(!low.empty() && std::to_integer<unsigned>(low[0]) == NFPROTO_IPV4);
    return;
  }
  if (one.field == NatField::Device && ranges.size() == 1) {
    condition.remark("not from " + device_of(ranges.front().low, ranges.front().high));
    return;
  }
  if (is_address(one) && ranges.size() == 1) {
    const auto span =
        span_of(one, registers.prefix_length(at), ranges.front().low, ranges.front().high);
    const std::string words = is_source(one) ? "not from " : "not to ";
    condition.remark(span ? words + span->text() : words_of(one.field));
    return;
  }
  condition.remark(one.field == NatField::Unknown && !one.remark.empty() ? one.remark
                                                                         : words_of(one.field));
}

std::vector<std::byte> next_below(std::vector<std::byte> bytes) {
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    if (*byte != std::byte{0}) {
      *byte = static_cast<std::byte>(std::to_integer<unsigned>(*byte) - 1);
      break;
    }
    *byte = std::byte{0xFF};
  }
  return bytes;
}

std::vector<KeyedElement> list_elements(const NatSet& set) {
  std::vector<KeyedElement> listed;
  std::vector<const NatElement*> order;
  for (const NatElement& element : set.elements) {
    order.push_back(&element);
  }
  const bool ranges = (set.flags & NFT_SET_INTERVAL) != 0;
  if (ranges) {
    // Where one range ends and the next begins with the same key the end comes first.
    std::stable_sort(order.begin(), order.end(), [](const auto* left, const auto* right) {
      return before(left->key, right->key) ||
             (left->key == right->key && left->interval_end && !right->interval_end);
    });
  }
  for (std::size_t at = 0; at < order.size(); ++at) {
    const NatElement& element = *order[at];
    if (element.interval_end) {
      continue;
    }
    KeyRange range{element.key, element.key_end.value_or(element.key)};
    if (ranges && !element.key_end && !element.catch_all) {
      const NatElement* end = at + 1 < order.size() ? order[at + 1] : nullptr;
      range.high = end != nullptr ? next_below(end->key)
                                  : std::vector<std::byte>(element.key.size(), std::byte{0xFF});
    }
    listed.push_back({std::move(range), &element});
  }
  return listed;
}

}  // namespace sockwitness::recorder
