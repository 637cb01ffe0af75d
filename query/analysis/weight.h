// Whether a service that came or went counts, and how much.
//
// In:    a service of one side that the other one does not have; both sides. Of `ports` only the
//        range that the kernel gives to clients is used.
// Out:   the reason why it does not count, in words; nothing: it counts. The severity if it does.
// Never: ignores what can be reached from elsewhere, but for one more of the UDP ports that the
//        kernel gave to the same owner before.
#pragma once

#include <optional>
#include <string_view>

#include "query/analysis/compared_side.h"
#include "query/analysis/findings/severity.h"

namespace sockwitness::query {

// Out of reach for other machines.
[[nodiscard]] bool is_local(const schema::Service& service);

[[nodiscard]] std::optional<std::string_view> excuse_for_new(const schema::Service& service,
                                                             const Services& before,
                                                             const schema::ServiceSet& ports);

[[nodiscard]] std::optional<std::string_view> excuse_for_gone(const schema::Service& service,
                                                              const Services& after,
                                                              const schema::ServiceSet& ports);

// Of one that counts.
[[nodiscard]] Severity severity_of_new(const schema::Service& service);
[[nodiscard]] Severity severity_of_gone(const schema::Service& service);

}  // namespace sockwitness::query
