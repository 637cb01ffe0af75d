// Whether a service that came or went counts.
//
// In:    a service of one side that the other one does not have; both sides. Of `ports` only the
//        range that the kernel gives to clients is used.
// Out:   the reason why it does not count, in words; nothing: it counts.
// Never: ignores what can be reached from elsewhere, but for one more of the UDP ports that the
//        kernel gave to the same owner before.
#pragma once

#include <optional>
#include <string_view>

#include "query/analysis/compared_side.h"

namespace sockwitness::query {

// Out of reach for other machines.
[[nodiscard]] bool is_local(const schema::Service& service);

[[nodiscard]] std::optional<std::string_view> excuse_for_new(const schema::Service& service,
                                                             const Services& before,
                                                             const schema::ServiceSet& ports);

[[nodiscard]] std::optional<std::string_view> excuse_for_gone(const schema::Service& service,
                                                              const Services& after,
                                                              const schema::ServiceSet& ports);

}  // namespace sockwitness::query
