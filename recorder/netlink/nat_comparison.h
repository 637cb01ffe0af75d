// One comparison of a rule: what a register holds, against bytes of the rule or of a set.
//
// In:    the register, and the lowest and highest bytes that fit.
// Out:   a narrower condition; a remark where it says nothing of port and address.
// Never: reads beyond the bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "recorder/netlink/nat_condition.h"
#include "recorder/netlink/nat_registers.h"
#include "recorder/netlink/nat_ruleset.h"

namespace sockwitness::recorder {

// From `low` to `high`, both included, and of one length; equal: only that.
struct KeyRange {
  std::vector<std::byte> low;
  std::vector<std::byte> high;
};

void limit_to(NatCondition& condition,
              const NatRegisters& registers,
              std::size_t at,
              const KeyRange& range);
// To anything but these ranges.
void limit_to_others(NatCondition& condition,
                     const NatRegisters& registers,
                     std::size_t at,
                     const std::vector<KeyRange>& ranges);

// The bytes next to these, as one number in network order.
[[nodiscard]] std::vector<std::byte> next_below(std::vector<std::byte> bytes);

// An element of a set and the keys that it holds for; ends of ranges are no elements.
struct KeyedElement {
  KeyRange range;
  const NatElement* element = nullptr;
};
[[nodiscard]] std::vector<KeyedElement> list_elements(const NatSet& set);

}  // namespace sockwitness::recorder
