// Takes what lived between two snapshots alone out of the range between them, as a record of the
// chain.
//
// In:    an open database, the spans that may be thinned, what was asked for and by whom.
// Out:   one transaction: what goes is gone, a record says so, with a root over what is left of the
//        records of each span.
// Never: removes rows that are not as they were signed; touches a snapshot, a record, a link, or
//        when anything that is left began and ended; writes anything when nothing goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recorder/write/thin_choice.h"
#include "schema/model/retention.h"

namespace sockwitness::recorder {

struct ThinRequest {
  std::vector<schema::SeqRange> spans;  // as find_thin_spans() gives them, or some of these
  std::int64_t step_us = 0;
  std::string policy;  // "--thin 1h after 30d"
  schema::Author author;
  schema::WallTime now;
  bool sweep = true;  // as in PruneRequest
};

// Nothing: nothing goes. Precondition: as prune().
[[nodiscard]] std::optional<schema::Thin> thin(schema::Database& database,
                                               const ThinRequest& request);

}  // namespace sockwitness::recorder
