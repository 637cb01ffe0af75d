// The host as it is now: a snapshot that is taken for one question and not kept.
//
// In:    the recorder beside this program.
// Out:   a history of one snapshot.
// Never: adds anything to the database, or leaves a file behind.
#pragma once

#include "query/app/open_history.h"

namespace sockwitness::query {

// Throws schema::Error when there is no recorder beside this program, or when it fails.
[[nodiscard]] OpenedHistory take_fresh_snapshot();

// Its services. Sockets that the latest snapshot of `recorded` has, too, have stayed.
[[nodiscard]] schema::ServiceSet services_now(OpenedHistory& fresh, OpenedHistory& recorded);

}  // namespace sockwitness::query
