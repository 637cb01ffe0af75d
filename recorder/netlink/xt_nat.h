// Matches and targets of iptables, as nf_tables carries them for iptables-nft.
//
// In:    name, revision and bytes of one of them.
// Out:   what is left of a condition; where a target leads to.
// Never: trusts a length, or passes over a match that says which port is meant.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "recorder/netlink/message.h"
#include "recorder/netlink/nat_lead.h"

namespace sockwitness::recorder {

struct XtPart {
  std::string_view name;  // "tcp", "DNAT", …
  std::uint32_t revision = 0;
  Bytes info;
};

// False: the bytes are not what they must be. A match that says nothing of the port or the address
// leaves a remark.
[[nodiscard]] bool apply_xt_match(const XtPart& match, NatCondition& condition);

enum class XtVerdict {
  Leads,   // `target` is set
  Other,   // it does not lead a port elsewhere
  Unknown  // it might, and its bytes could not be read
};
[[nodiscard]] XtVerdict read_xt_target(const XtPart& part, bool v6, NatTarget& target);

}  // namespace sockwitness::recorder
