// The expressions of one rule, in their order.
//
// In:    NFTA_RULE_EXPRESSIONS.
// Out:   names, and numbers and bytes by attribute.
// Never: interprets them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/netlink/message.h"
#include "recorder/netlink/nat_ruleset.h"

namespace sockwitness::recorder {

struct NatExpression {
  std::string name;  // "cmp", "nat", …
  Bytes attributes;

  // Of the first attribute of this type.
  [[nodiscard]] std::optional<Bytes> find(std::uint16_t type) const;
  [[nodiscard]] std::optional<std::uint32_t> number(std::uint16_t type) const;
  // What is inside NFTA_DATA_VALUE of it.
  [[nodiscard]] std::optional<Bytes> value(std::uint16_t type) const;
  [[nodiscard]] std::optional<NatVerdict> verdict(std::uint16_t type) const;
};

// Views into the rule. Nothing: its bytes are not what they must be.
[[nodiscard]] std::optional<std::vector<NatExpression>> split_expressions(const NatRule& rule);

// "dnat", "redirect" and their like: what else a rule has may be passed over, this may not.
[[nodiscard]] bool leads_elsewhere(const NatExpression& expression);

// The position of the register that an attribute names.
[[nodiscard]] std::optional<std::size_t> register_of(const NatExpression& expression,
                                                     std::uint16_t type);

// Where a rule sends packets to, or an element of a map that is looked up in it.
[[nodiscard]] std::optional<std::string> next_chain(const std::optional<NatVerdict>& verdict);

}  // namespace sockwitness::recorder
