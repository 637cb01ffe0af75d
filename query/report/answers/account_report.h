// The answer of `account`: every service with its approval, and what is missing.
//
// In:    the account book of one snapshot, what it rests on.
// Out:   a document for machines with every service, a page for people.
// Never: leaves out a service that is not accounted for.
#pragma once

#include <optional>
#include <string>

#include "query/analysis/account.h"
#include "query/report/neutral/document.h"
#include "query/report/neutral/page.h"
#include "query/report/words/host_words.h"
#include "query/report/words/port_names.h"
#include "schema/model/baseline.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct AccountInput {
  const schema::SnapshotInfo& snapshot;
  const schema::ServiceSet& set;
  const AccountBook& book;
  const PortNames& names;
  std::string policy;  // path of the policy file; empty for none
  std::optional<schema::BaselineInfo> baseline;
  std::string thing;      // what was asked about; empty for everything
  bool all = false;       // for people: also what is accounted for
  bool each_gap = false;  // --gaps
  // The latest snapshot, when what was asked about is there no more: `snapshot` was the last to
  // have it.
  std::optional<schema::SnapshotInfo> gone_by = std::nullopt;
};

[[nodiscard]] Document build_account(const AccountInput& input);
[[nodiscard]] Page lay_out_account(const AccountInput& input, const ClockFace& clock);

}  // namespace sockwitness::query
