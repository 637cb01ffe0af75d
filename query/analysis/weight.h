// Whether the arrival or the departure of a service has a weight.
//
// In:    a service of one side that the other one has not; both sides. Of `ports` only which the
//        kernel gave to clients counts.
// Out:   why it is of no weight, in words, or nothing: then it counts.
// Never: calls light what can be reached from elsewhere, but for one more of the UDP ports that the
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
