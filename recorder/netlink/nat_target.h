// Where the expression of a rule that leads elsewhere leads to.
//
// In:    "nat", "redir" or a target of iptables, and what the registers hold.
// Out:   addresses and ports.
// Never: a guess: what is in no constant is not understood.
#pragma once

#include "recorder/netlink/nat_expression.h"
#include "recorder/netlink/nat_lead.h"
#include "recorder/netlink/nat_registers.h"

namespace sockwitness::recorder {

// Precondition: leads_elsewhere(expression).
[[nodiscard]] bool read_nat_target(const NatTable& table,
                                   const NatExpression& expression,
                                   const NatRegisters& registers,
                                   NatTarget& target);

}  // namespace sockwitness::recorder
