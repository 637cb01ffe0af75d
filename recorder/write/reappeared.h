// A thing that a gap hid for a while is two in the tables: when one of them stays, both do, or its
// begin or its end would be told of a later or an earlier time.
//
// In:    an open database, the snapshots that are thinned, which rows are to go.
// Out:   fewer of them.
// Never: looks where no gap came or went.
#pragma once

#include "recorder/write/thin_plan.h"

namespace sockwitness::recorder {

// `entity`: processes or sockets.
void leave_reappeared(schema::Database& database,
                      schema::Entity entity,
                      schema::SeqRange thinned,
                      RowFates& fates);

}  // namespace sockwitness::recorder
