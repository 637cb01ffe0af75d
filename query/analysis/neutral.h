// Two hosts made comparable: what belongs to one host only is left out, by name.
//
// In:    the services of two hosts.
// Out:   the same, without what can never be equal; what that was, in words.
// Never: drops a service without counting it.
#pragma once

#include <string>
#include <vector>

#include "schema/model/service.h"

namespace sockwitness::query {

// Addresses of the hosts' own: where both serve the same port by the same program, those of `other`
// become those of `here`. Namespaces that only a number or a container's id names are left out, and
// so are the ids of containers.
[[nodiscard]] std::vector<std::string> leave_out_host_parts(schema::ServiceSet& here,
                                                            schema::ServiceSet& other);

}  // namespace sockwitness::query
