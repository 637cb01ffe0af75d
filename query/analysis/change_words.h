// Why a change is one, in plain words.
//
// In:    the services of both sides.
// Out:   a sentence with names of the host in it, as raw bytes.
// Never: escapes, or says more than the two sides show.
#pragma once

#include <string>

#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "schema/model/service.h"

namespace sockwitness::query {

// "port 8080", "/run/x.sock"
[[nodiscard]] std::string place_words(const schema::Endpoint& endpoint);
// "nginx (package nginx)", "python3 running /tmp/x.py as www-data"; null is the kernel.
[[nodiscard]] std::string owner_words(const schema::Owner* owner);

[[nodiscard]] std::string owner_change_words(const schema::Endpoint& endpoint,
                                             const OwnerComparison& comparison);
[[nodiscard]] std::string program_change_words(const schema::Program& before,
                                               const schema::Program& after);
[[nodiscard]] std::string reach_change_words(const Reach& before, const Reach& after);
[[nodiscard]] std::string move_words(const schema::Service& before, const schema::Service& after);
[[nodiscard]] std::string namespace_words(const schema::Service& before,
                                          const schema::Service& after);

}  // namespace sockwitness::query
