#include "recorder/netlink/nat_expression.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

#include "recorder/netlink/nat_decode.h"
#include "recorder/netlink/nat_registers.h"

namespace sockwitness::recorder {

std::optional<Bytes> NatExpression::find(std::uint16_t type) const {
  AttributeReader reader(attributes);
  while (const auto attribute = reader.next()) {
    if (attribute->type == type) {
      return attribute->payload;
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> NatExpression::number(std::uint16_t type) const {
  const auto bytes = find(type);
  if (bytes && bytes->size() == 1) {  // some are of one byte
    return std::to_integer<std::uint32_t>(bytes->front());
  }
  return bytes ? decode_be32(*bytes) : std::nullopt;
}

std::optional<Bytes> NatExpression::value(std::uint16_t type) const {
  const auto bytes = find(type);
  return bytes ? decode_nat_value(*bytes) : std::nullopt;
}

std::optional<NatVerdict> NatExpression::verdict(std::uint16_t type) const {
  const auto bytes = find(type);
  return bytes ? decode_nat_verdict(*bytes) : std::nullopt;
}

std::optional<std::vector<NatExpression>> split_expressions(const NatRule& rule) {
  std::vector<NatExpression> expressions;
  AttributeReader list{Bytes(rule.expressions)};
  while (const auto element = list.next()) {
    const NatExpression whole{{}, element->payload};
    const auto name = whole.find(NFTA_EXPR_NAME);
    if (!name) {
      return std::nullopt;
    }
    expressions.push_back({decode_name(*name), whole.find(NFTA_EXPR_DATA).value_or(Bytes())});
  }
  return list.malformed() ? std::nullopt : std::optional(std::move(expressions));
}

bool leads_elsewhere(const NatExpression& expression) {
  if (expression.name == "nat") {
    return expression.number(NFTA_NAT_TYPE) != NFT_NAT_SNAT;
  }
  if (expression.name == "target") {
    const std::string name = decode_name(expression.find(NFTA_TARGET_NAME).value_or(Bytes()));
    return name == "DNAT" || name == "REDIRECT" || name == "NETMAP";
  }
  return expression.name == "redir";
}

std::optional<std::size_t> register_of(const NatExpression& expression, std::uint16_t type) {
  const auto number = expression.number(type);
  return number ? NatRegisters::position(*number) : std::nullopt;
}

std::optional<std::string> next_chain(const std::optional<NatVerdict>& verdict) {
  const bool goes_on = verdict && (verdict->code == NFT_JUMP || verdict->code == NFT_GOTO);
  return goes_on ? std::optional(verdict->chain) : std::nullopt;
}

}  // namespace sockwitness::recorder
