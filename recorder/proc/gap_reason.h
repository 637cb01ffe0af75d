// Why a reading below /proc failed: the one table from errno to the reason of a gap.
//
// In:    errno of the call that failed.
// Out:   the reason that is stored.
// Never: decides whether a failure is a gap at all; that differs from field to field.
#pragma once

#include "schema/model/gap.h"

namespace sockwitness::recorder {

[[nodiscard]] schema::GapReason gap_reason(int error_number);

// The process is gone, or this part of it: its memory goes before its entry does.
[[nodiscard]] bool means_vanished(int error_number);

}  // namespace sockwitness::recorder
