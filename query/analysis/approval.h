// Who approved a service at one time: then, and now.
//
// In:    services, a policy, a baseline; an instant for each.
// Out:   one verdict for each.
// Never: an approval by a baseline that did not exist yet. A policy has no such date: it is taken
//        as it reads now, its ends as they were then.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "query/analysis/account.h"

namespace sockwitness::query {

struct Approval {
  AccountStatus status = AccountStatus::Unexplained;
  std::string reason;
  std::string approved_by;
  std::string ticket;
  std::optional<schema::WallTime> expires;
  std::string obstacle;  // why not; may hold names of the host

  friend bool operator==(const Approval&, const Approval&) = default;
};

struct ApprovalQuestion {
  const schema::Service* service = nullptr;
  schema::WallTime at;
};

// Parallel to the questions. `baseline` is null for none.
[[nodiscard]] std::vector<Approval> find_approvals(std::span<const ApprovalQuestion> questions,
                                                   const Policy& policy,
                                                   const schema::Baseline* baseline);

}  // namespace sockwitness::query
