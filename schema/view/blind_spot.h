// What a gap hides.
//
// In:    a gap; the visibility of its snapshot, and an endpoint.
// Out:   whether something may be there that the snapshot does not show.
// Never: treats a table that the kernel does not show as empty: for protocols that the kernel does
//        not have there is no gap.
#pragma once

#include <vector>

#include "schema/model/service.h"

namespace sockwitness::schema {

// Whole places with all their sockets, also those of processes that could not be listed.
[[nodiscard]] bool hides_sockets(const Gap& gap);

// Who holds a socket.
[[nodiscard]] bool hides_holders(const Gap& gap);

// A socket at this endpoint.
[[nodiscard]] bool hides(const std::vector<Netns>& namespaces,
                         const Gap& gap,
                         const Endpoint& endpoint);

}  // namespace sockwitness::schema
