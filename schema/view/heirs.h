// UDP ports that took the place of others: their owner was started anew.
//
// In:    the services of a snapshot, and of the one before.
// Out:   the same services; a port that looked like a client's stands for the one that its owner
//        has lost, there or elsewhere, and counts as that one did. Of one whose place a gap hid
//        before nobody knows what it is.
// Never: makes more such ports than were lost.
#pragma once

#include "schema/model/service.h"

namespace sockwitness::schema {

// UDP, without an RPC number, in the range that the kernel gives to clients where `set` was seen:
// one that stays open can be reached, but its number means nothing.
[[nodiscard]] bool has_chosen_port(const Service& service, const ServiceSet& set);

// True when there is a port of which the snapshot before says more.
[[nodiscard]] bool may_have_heirs(const ServiceSet& set);

void promote_heirs(ServiceSet& set, const ServiceSet& before);

}  // namespace sockwitness::schema
