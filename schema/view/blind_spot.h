// What a gap keeps out of sight.
//
// In:    a gap; what its snapshot could see, and an endpoint.
// Out:   whether something may be there that the snapshot does not show.
// Never: takes a table that the kernel does not show for one that is empty: of protocols that it
// does
//        not have there is no gap.
#pragma once

#include <vector>

#include "schema/model/service.h"

namespace sockwitness::schema {

// Whole places with all their sockets, also those of processes that nobody could list.
[[nodiscard]] bool hides_sockets(const Gap& gap);

// Who holds a socket.
[[nodiscard]] bool hides_holders(const Gap& gap);

// A socket at this endpoint.
[[nodiscard]] bool hides(const std::vector<Netns>& namespaces,
                         const Gap& gap,
                         const Endpoint& endpoint);

}  // namespace sockwitness::schema
