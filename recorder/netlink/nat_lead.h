// Where a NAT rule leads a packet to.
//
// In:    a rule that was understood.
// Out:   a plain value, and the ports that lead elsewhere by it.
// Never: an address that only the kernel chooses: a redirect leads to "this host".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recorder/netlink/nat_condition.h"
#include "recorder/netlink/nat_ruleset.h"
#include "schema/model/socket.h"

namespace sockwitness::recorder {

struct NatTarget {
  std::optional<AddressSpan> address;  // nothing: this host
  std::optional<PortSpan> ports;       // nothing: the port that was asked for
  std::optional<bool> v6;              // of the rule, where it says so
};

struct NatLead {
  NatCondition condition;
  NatTarget target;
  NatName chain;  // that the rule is in
  // Packets from other hosts come to it; else only those of this one.
  bool for_others = true;
};

// The end of the name of those that only packets of this host come to.
inline constexpr std::string_view kOfThisHost = " of this host";

// A port each, and larger ranges as one. Protocols without ports are left out.
[[nodiscard]] std::vector<schema::Socket> list_ports(const NatLead& lead);

}  // namespace sockwitness::recorder
