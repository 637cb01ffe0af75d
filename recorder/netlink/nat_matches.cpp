#include "recorder/netlink/nat_matches.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "recorder/netlink/nat_comparison.h"
#include "recorder/netlink/nat_decode.h"
#include "recorder/netlink/xt_nat.h"

namespace sockwitness::recorder {
namespace {

constexpr std::array<std::string_view, 14> kWithoutEffect{"counter",
                                                          "log",
                                                          "quota",
                                                          "last",
                                                          "objref",
                                                          "notrack",
                                                          "dynset",
                                                          "dup",
                                                          "masq",
                                                          "reject",
                                                          "queue",
                                                          "connlimit",
                                                          "fwd",
                                                          "synproxy"};

// What loads a register with something that says nothing of port and address.
bool take_unknown(const NatExpression& expression, NatPath& path) {
  struct Loads {
    std::string_view name;
    std::uint16_t attribute;
    std::string_view remark;
  };
  constexpr std::array<Loads, 10> kLoads{{{"ct", NFTA_CT_DREG, "by state of the connection"},
                                          {"numgen", NFTA_NG_DREG, ""},
                                          {"hash", NFTA_HASH_DREG, ""},
                                          {"rt", NFTA_RT_DREG, "by route"},
                                          {"socket", NFTA_SOCKET_DREG, "by socket"},
                                          {"osf", NFTA_OSF_DREG, "by system"},
                                          {"exthdr", NFTA_EXTHDR_DREG, "by header"},
                                          {"xfrm", NFTA_XFRM_DREG, "by IPsec"},
                                          {"tunnel", NFTA_TUNNEL_DREG, "by tunnel"},
                                          {"byteorder", NFTA_BYTEORDER_DREG, ""}}};
  for (const Loads& loads : kLoads) {
    if (expression.name == loads.name) {
      const auto to = register_of(expression, loads.attribute);
      if (loads.name == "byteorder") {
        const auto source = register_of(expression, NFTA_BYTEORDER_SREG);
        if (to && source) {
          path.registers.copy(*source, *to, expression.number(NFTA_BYTEORDER_LEN).value_or(4));
        }
        return to && source;
      }
      if (to) {
        path.registers.set_field(
            *to, NatField::Unknown, sizeof(std::uint32_t), std::string(loads.remark));
      }
      return true;  // without a register it sets something of the packet
    }
  }
  return expression.name == "target" ||
         std::find(kWithoutEffect.begin(), kWithoutEffect.end(), expression.name) !=
             kWithoutEffect.end();
}

bool take_meta(const NatExpression& expression, NatPath& path) {
  if (expression.number(NFTA_META_SREG)) {
    return true;  // sets a mark
  }
  const auto to = register_of(expression, NFTA_META_DREG);
  const auto key = expression.number(NFTA_META_KEY);
  if (!to || !key) {
    return false;
  }
  constexpr std::size_t kNameSize = 16;
  switch (*key) {
    case NFT_META_L4PROTO:
      path.registers.set_field(*to, NatField::Protocol, 1);
      break;
    case NFT_META_NFPROTO:
      path.registers.set_field(*to, NatField::Family, 1);
      break;
    case NFT_META_IIFNAME:
      path.registers.set_field(*to, NatField::Device, kNameSize);
      break;
    case NFT_META_IIF:
      path.registers.set_field(*to, NatField::Interface, sizeof(std::uint32_t));
      break;
    default:
      path.registers.set_field(
          *to, NatField::Unknown, sizeof(std::uint32_t), "by mark or the like");
      break;
  }
  return true;
}

NatField network_field(bool v6, std::uint32_t offset, std::uint32_t size) {
  struct Header {
    std::uint32_t protocol, source, destination, width;
  };
  const Header header = v6 ? Header{6, 8, 24, 16} : Header{9, 12, 16, 4};
  if (offset == header.protocol && size == 1) {
    return NatField::Protocol;
  }
  if (offset == header.source && size <= header.width) {
    return v6 ? NatField::Source6 : NatField::Source;
  }
  if (offset == header.destination && size <= header.width) {
    return v6 ? NatField::Destination6 : NatField::Destination;
  }
  return NatField::Unknown;
}

bool take_payload(const NatTable& table, const NatExpression& expression, NatPath& path) {
  const auto to = register_of(expression, NFTA_PAYLOAD_DREG);
  const auto base = expression.number(NFTA_PAYLOAD_BASE);
  const auto offset = expression.number(NFTA_PAYLOAD_OFFSET);
  const auto size = expression.number(NFTA_PAYLOAD_LEN);
  if (expression.number(NFTA_PAYLOAD_SREG)) {
    return true;  // writes to the packet
  }
  if (!to || !base || !offset || !size) {
    return false;
  }
  NatField field = NatField::Unknown;
  if (*base == NFT_PAYLOAD_NETWORK_HEADER) {
    const bool v6 = path.condition.v6.value_or(table.family == NFPROTO_IPV6);
    constexpr std::uint32_t kSource = 12;
    if (!v6 && *offset == kSource && *size == 8) {
      path.registers.set_field(*to, NatField::Source, 4);
      path.registers.set_field(*to + 1, NatField::Destination, 4);
      return *to + 1 < NatRegisters::kCount;
    }
    field = network_field(v6, *offset, *size);
  } else if (*base == NFT_PAYLOAD_TRANSPORT_HEADER && *offset <= 2 && *size == 2) {
    field = *offset == 0 ? NatField::SourcePort : NatField::DestinationPort;
  } else if (*base == NFT_PAYLOAD_TRANSPORT_HEADER && *offset == 0 && *size == 4) {
    field = NatField::BothPorts;
  }
  path.registers.set_field(*to, field, *size, "by content");
  return true;
}

bool take_comparison(const NatExpression& expression, NatPath& path) {
  const auto at = register_of(expression, NFTA_CMP_SREG);
  const auto operation = expression.number(NFTA_CMP_OP);
  const auto value = expression.value(NFTA_CMP_DATA);
  if (!at || !operation || !value || value->empty()) {
    return false;
  }
  const std::vector<std::byte> bytes(value->begin(), value->end());
  const std::vector<std::byte> least(bytes.size(), std::byte{0});
  const std::vector<std::byte> most(bytes.size(), std::byte{0xFF});
  switch (*operation) {
    case NFT_CMP_EQ:
      limit_to(path.condition, path.registers, *at, {bytes, bytes});
      return true;
    case NFT_CMP_NEQ:
      limit_to_others(path.condition, path.registers, *at, {{bytes, bytes}});
      return true;
    case NFT_CMP_LT:
      path.condition.impossible = path.condition.impossible || bytes == least;
      limit_to(path.condition, path.registers, *at, {least, next_below(bytes)});
      return true;
    case NFT_CMP_LTE:
      limit_to(path.condition, path.registers, *at, {least, bytes});
      return true;
    case NFT_CMP_GT:
      limit_to_others(path.condition, path.registers, *at, {{least, bytes}});
      return true;
    case NFT_CMP_GTE:
      limit_to(path.condition, path.registers, *at, {bytes, most});
      return true;
    default:
      return false;
  }
}

bool take_range(const NatExpression& expression, NatPath& path) {
  const auto at = register_of(expression, NFTA_RANGE_SREG);
  const auto operation = expression.number(NFTA_RANGE_OP);
  const auto from = expression.value(NFTA_RANGE_FROM_DATA);
  const auto to = expression.value(NFTA_RANGE_TO_DATA);
  if (!at || !operation || !from || !to || from->size() != to->size() || from->empty()) {
    return false;
  }
  const KeyRange range{{from->begin(), from->end()}, {to->begin(), to->end()}};
  if (*operation == NFT_RANGE_EQ) {
    limit_to(path.condition, path.registers, *at, range);
  } else {
    limit_to_others(path.condition, path.registers, *at, {range});
  }
  return true;
}

bool take_bits(const NatExpression& expression, NatPath& path) {
  const auto from = register_of(expression, NFTA_BITWISE_SREG);
  const auto to = register_of(expression, NFTA_BITWISE_DREG);
  const auto mask = expression.value(NFTA_BITWISE_MASK);
  const auto flips = expression.value(NFTA_BITWISE_XOR);
  if (!from || !to) {
    return false;
  }
  const bool plain =
      expression.number(NFTA_BITWISE_OP).value_or(NFT_BITWISE_BOOL) == NFT_BITWISE_BOOL && mask &&
      (!flips || std::all_of(flips->begin(), flips->end(), [](std::byte byte) {
        return byte == std::byte{0};
      }));
  const std::size_t size = expression.number(NFTA_BITWISE_LEN).value_or(4);
  if (plain) {
    path.registers.copy(*from, *to, size);
    path.registers.set_mask(*to, *mask);
  } else {
    path.registers.set_field(*to, NatField::Unknown, size, "by some bits");
  }
  return true;
}

}  // namespace

bool apply_expression(const NatTable& table, const NatExpression& expression, NatPath& path) {
  const std::string& name = expression.name;
  if (name == "meta") {
    return take_meta(expression, path);
  }
  if (name == "payload") {
    return take_payload(table, expression, path);
  }
  if (name == "cmp") {
    return take_comparison(expression, path);
  }
  if (name == "range") {
    return take_range(expression, path);
  }
  if (name == "bitwise") {
    return take_bits(expression, path);
  }
  if (name == "immediate") {
    const auto to = register_of(expression, NFTA_IMMEDIATE_DREG);
    const auto value = expression.value(NFTA_IMMEDIATE_DATA);
    if (to && value) {
      path.registers.set_bytes(*to, *value);
    }
    return to && value;
  }
  if (name == "fib") {
    const auto to = register_of(expression, NFTA_FIB_DREG);
    const bool type = expression.number(NFTA_FIB_RESULT) == NFT_FIB_RESULT_ADDRTYPE &&
                      (expression.number(NFTA_FIB_FLAGS).value_or(0) & NFTA_FIB_F_DADDR) != 0;
    if (to) {
      path.registers.set_field(
          *to, type ? NatField::AddressType : NatField::Unknown, sizeof(std::uint32_t), "by route");
    }
    return to.has_value();
  }
  if (name == "match") {
    const auto text = decode_name(expression.find(NFTA_MATCH_NAME).value_or(Bytes()));
    return apply_xt_match({text,
                           expression.number(NFTA_MATCH_REV).value_or(0),
                           expression.find(NFTA_MATCH_INFO).value_or(Bytes())},
                          path.condition);
  }
  if (name == "limit") {
    path.condition.remark("by rate");
    return true;
  }
  return take_unknown(expression, path);
}

}  // namespace sockwitness::recorder
