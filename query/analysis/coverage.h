// Which gap covers a place: only without one does "not seen" mean "absent".
//
// In:    the visibility of one or two observations; an endpoint, a service or a process.
// Out:   the position of the gap; nothing when the place was read.
// Never: treats a place that could not be read as empty.
#pragma once

#include <cstddef>
#include <optional>

#include "schema/model/service.h"

namespace sockwitness::query {

// Position in Visibility::gaps.
[[nodiscard]] std::optional<std::size_t> find_covering_gap(const schema::Visibility& visibility,
                                                           const schema::Endpoint& endpoint);

// For something that `later` shows first: processes whose namespace could not be named, then as
// before and no fewer now, do not explain why a namespace can be seen now. Such a gap hides what
// vanished, not what is new.
[[nodiscard]] std::optional<std::size_t> find_gap_before(const schema::Visibility& earlier,
                                                         const schema::Visibility& later,
                                                         const schema::Endpoint& endpoint);

// Nor do they hide a service all of whose owners started after `earlier`, which was taken at
// `as_of`, however many they were.
[[nodiscard]] std::optional<std::size_t> find_gap_before(const schema::Visibility& earlier,
                                                         schema::WallTime as_of,
                                                         const schema::Visibility& later,
                                                         const schema::Service& service);

// Its namespace had no name but its number for want of what could not be read: it may be any that
// has another one elsewhere.
[[nodiscard]] std::optional<std::size_t> find_label_gap(const schema::Visibility& visibility,
                                                        const schema::Endpoint& endpoint);

// A gap that may hide holders. With a pid: only one that may hide this process.
[[nodiscard]] std::optional<std::size_t> find_owner_gap(const schema::Visibility& visibility,
                                                        std::optional<schema::Pid> pid);

// A gap of `later` may hide a holder that `earlier` would show.
[[nodiscard]] bool hides_more_owners(const schema::Visibility& later,
                                     const schema::Visibility& earlier);

}  // namespace sockwitness::query
