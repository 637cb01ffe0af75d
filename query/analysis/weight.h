// Whether it matters to anybody that a service came or went.
//
// In:    a service of one side that the other one has not; both sides.
// Out:   why it is of no weight, in words, or nothing: then it counts.
// Never: calls light what can be reached from elsewhere, but for one more of the UDP ports that the
//        kernel gave to the same owner before.
#pragma once

#include <optional>
#include <string_view>

#include "schema/model/service.h"

namespace sockwitness::query {

// Out of reach for other machines.
[[nodiscard]] bool is_local(const schema::Service& service);

[[nodiscard]] std::optional<std::string_view> excuse_for_new(const schema::Service& service,
                                                             const schema::ServiceSet& before,
                                                             const schema::ServiceSet& after);

[[nodiscard]] std::optional<std::string_view> excuse_for_gone(const schema::Service& service,
                                                              const schema::ServiceSet& after);

}  // namespace sockwitness::query
