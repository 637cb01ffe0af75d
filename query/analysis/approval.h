// The approval of a service at an instant: as it was then, and as it is now.
//
// In:    services, a policy, a baseline; an instant for each.
// Out:   one verdict for each.
// Never: an approval by a baseline that did not exist yet, or by an entry of the policy before the
//        time for which it is proven.
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
  std::optional<schema::WallTime> since;  // as Account::approved_since
  std::optional<schema::WallTime> expires;
  std::string obstacle;  // why not; may hold names of the host

  [[nodiscard]] bool is_later() const { return status == AccountStatus::Unexplained && since; }

  friend bool operator==(const Approval&, const Approval&) = default;
};

// As account_status_word(); "later" for what was approved after the instant of the question.
[[nodiscard]] std::string_view approval_word(const Approval& approval);

struct ApprovalQuestion {
  const schema::Service* service = nullptr;
  schema::WallTime at;
};

// Parallel to the questions. `baseline` is null for none.
[[nodiscard]] std::vector<Approval> find_approvals(std::span<const ApprovalQuestion> questions,
                                                   const Policy& policy,
                                                   const schema::Baseline* baseline);

}  // namespace sockwitness::query
