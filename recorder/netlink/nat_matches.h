// What the expressions of a rule ask of a packet, one after the other.
//
// In:    an expression, and what was asked for before it.
// Out:   what the registers hold then, and what is left of the condition.
// Never: where the rule leads to: see nat_target.h.
#pragma once

#include "recorder/netlink/nat_condition.h"
#include "recorder/netlink/nat_expression.h"
#include "recorder/netlink/nat_registers.h"

namespace sockwitness::recorder {

struct NatPath {
  NatCondition condition;
  NatRegisters registers;
};

// Of every expression but lookups and verdicts. False: it was not understood, and may have changed
// any register.
[[nodiscard]] bool apply_expression(const NatTable& table,
                                    const NatExpression& expression,
                                    NatPath& path);

}  // namespace sockwitness::recorder
