// The identity and the place of what a snapshot shows.
//
// In:    sockets and processes of one snapshot, the boot that it was taken in.
// Out:   identities that compare across the snapshots of a history.
// Never: reads a row's number.
#pragma once

#include "query/analysis/history/identity.h"
#include "query/analysis/history/intervals.h"
#include "query/analysis/history/moments.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

// Precondition: the snapshot is among the moments.
[[nodiscard]] std::uint32_t boot_of(const Moments& moments, schema::Seq seq);

[[nodiscard]] Identity identity_of(std::uint32_t boot,
                                   const schema::SnapshotView& view,
                                   schema::SocketIndex index);
[[nodiscard]] Identity identity_of(std::uint32_t boot, const schema::Process& process);

// Its place.
[[nodiscard]] Place place_of(const schema::SnapshotView& view, schema::SocketIndex index);
[[nodiscard]] Place place_of(const schema::Process& process);

}  // namespace sockwitness::query
