// Takes the oldest snapshots out of a file, as a record of its chain.
//
// In:    an open database, the first snapshot that stays, what was asked for and by whom.
// Out:   one transaction: no snapshot before that one is there, nor what only they had seen; a
//        record says so, with a root over what is left of the records up to there.
// Never: touches a snapshot that stays, a baseline, a record or its link; removes rows that are not
//        as they were signed; gives the number of a row again.
#pragma once

#include <string>

#include "schema/disk/database.h"
#include "schema/model/retention.h"

namespace sockwitness::recorder {

struct PruneRequest {
  schema::Seq first_kept;
  std::string policy;  // "--keep 400d"
  schema::Author author;
  schema::WallTime now;
  // Also texts, programs and the like that nothing refers to any more: that takes a look at all
  // rows.
  bool sweep = true;
};

// The chain begins now where it has not: what is removed must have been signed.
void require_links(schema::Database& database, schema::WallTime now);

// Throws Error when a row that would be removed is not as it was signed: to remove it would remove
// the proof.
void require_as_signed(schema::Database& database, schema::Seq first_kept);

// Precondition: foreign keys are not enforced on this connection, for to look for each removed row
// who refers to it takes time without end; what refers to one goes with it.
schema::Prune prune(schema::Database& database, const PruneRequest& request);

}  // namespace sockwitness::recorder
