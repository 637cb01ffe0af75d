// Follows the NAT rules of a network namespace from where packets come in, and lists the ports that
// lead elsewhere.
//
// In:    a ruleset.
// Out:   those ports as sockets without a holder; which rules could not be understood.
// Never: goes in circles, or leaves a rule with NAT out in silence. What an earlier rule of a chain
//        takes away from a later one is not looked at: both are listed.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "recorder/netlink/nat_ruleset.h"
#include "schema/model/socket.h"

namespace sockwitness::recorder {

struct NatPorts {
  std::vector<schema::Socket> ports;  // each once
  std::set<std::string> unknown;      // "ip nat DOCKER": chains with a rule that was not understood
  bool too_many = false;
};

[[nodiscard]] NatPorts follow_nat_rules(const NatRuleset& ruleset);

// Sets that the rules which packets come to look something up in, as far as the elements of those
// that are `loaded` tell.
[[nodiscard]] std::set<NatName> find_used_sets(const NatRuleset& ruleset,
                                               const std::set<NatName>& loaded);

}  // namespace sockwitness::recorder
