// UDP ports that replace others because their owner was restarted.
//
// In:    the services of a snapshot, and of the one before.
// Out:   the same services; a port that seems to be a client's replaces the one that its owner lost,
//        there or elsewhere, and has the standing of that one. Where a gap hid the place before,
//        its standing is unknown.
// Never: counts more such ports than were lost.
#pragma once

#include "schema/model/service.h"

namespace sockwitness::schema {

// UDP, without an RPC number, in the range that the kernel gives to clients where `set` was seen:
// one that stays open can be reached, but its number means nothing.
[[nodiscard]] bool has_chosen_port(const Service& service, const ServiceSet& set);

// True when there is a port whose standing depends on the snapshot before.
[[nodiscard]] bool may_have_replaced_ports(const ServiceSet& set);

void promote_replaced_ports(ServiceSet& set, const ServiceSet& before);

}  // namespace sockwitness::schema
