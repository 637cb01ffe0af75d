#include "recorder/netlink/nat_target.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include "recorder/netlink/nat_decode.h"
#include "recorder/netlink/xt_nat.h"

namespace sockwitness::recorder {
namespace {

std::optional<std::string> read_bytes(const NatExpression& expression,
                                      const NatRegisters& registers,
                                      std::uint16_t attribute,
                                      std::size_t size) {
  const auto at = register_of(expression, attribute);
  const auto bytes = at ? registers.bytes(*at, size) : std::nullopt;
  return bytes ? std::optional(std::string(reinterpret_cast<const char*>(bytes->data()), size))
               : std::nullopt;
}

// "nat" names registers of addresses and ports, "redir" of ports alone.
bool read_nat(const NatExpression& expression, const NatRegisters& registers, NatTarget& target) {
  const bool nat = expression.name == "nat";
  if (nat) {
    const auto family = expression.number(NFTA_NAT_FAMILY);
    if (family == std::uint32_t{NFPROTO_IPV4} || family == std::uint32_t{NFPROTO_IPV6}) {
      target.v6 = *family == NFPROTO_IPV6;
    }
    const std::uint16_t least = NFTA_NAT_REG_ADDR_MIN;
    if (expression.number(least)) {
      if (!target.v6) {
        return false;
      }
      const std::size_t size = *target.v6 ? 16 : 4;
      const auto first = read_bytes(expression, registers, least, size);
      const auto last = expression.number(NFTA_NAT_REG_ADDR_MAX)
                            ? read_bytes(expression, registers, NFTA_NAT_REG_ADDR_MAX, size)
                            : first;
      if (!first || !last) {
        return false;
      }
      target.address = AddressSpan{*schema::IpAddress::from_bytes(*first),
                                   *schema::IpAddress::from_bytes(*last)};
    }
  }
  const std::uint16_t least =
      nat ? std::uint16_t{NFTA_NAT_REG_PROTO_MIN} : std::uint16_t{NFTA_REDIR_REG_PROTO_MIN};
  const std::uint16_t most =
      nat ? std::uint16_t{NFTA_NAT_REG_PROTO_MAX} : std::uint16_t{NFTA_REDIR_REG_PROTO_MAX};
  if (expression.number(least)) {
    const auto first = read_bytes(expression, registers, least, 2);
    const auto last = expression.number(most) ? read_bytes(expression, registers, most, 2) : first;
    if (!first || !last) {
      return false;
    }
    const auto number = [](const std::string& bytes) {
      return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[0]) << 8U |
                                        static_cast<unsigned char>(bytes[1]));
    };
    target.ports = PortSpan{number(*first), number(*last)};
  }
  return !nat || target.address || target.ports;
}

}  // namespace

bool read_nat_target(const NatTable& table,
                     const NatExpression& expression,
                     const NatRegisters& registers,
                     NatTarget& target) {
  if (expression.name != "target") {
    return read_nat(expression, registers, target);
  }
  const auto name = decode_name(expression.find(NFTA_TARGET_NAME).value_or(Bytes()));
  const XtPart part{name,
                    expression.number(NFTA_TARGET_REV).value_or(0),
                    expression.find(NFTA_TARGET_INFO).value_or(Bytes())};
  return read_xt_target(part, table.family == NFPROTO_IPV6, target) == XtVerdict::Leads;
}

}  // namespace sockwitness::recorder
