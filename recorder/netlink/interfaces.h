// Names of the network interfaces that sockets are bound to.
//
// In:    sockets of one namespace, and any socket of that namespace to ask through.
// Out:   the sockets with their interface names.
// Never: asks when no socket is bound, or names an interface that is gone.
#pragma once

#include <vector>

#include "schema/model/socket.h"

namespace sockwitness::recorder {

// The errno of the first question that failed otherwise than "no such interface"; 0 for none.
[[nodiscard]] int read_interface_names(int descriptor, std::vector<schema::Socket>& sockets);

[[nodiscard]] bool any_bound_to_interface(const std::vector<schema::Socket>& sockets);

}  // namespace sockwitness::recorder
