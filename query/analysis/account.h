// Every service with its approval: by which user, until when; or none.
//
// In:    the services of one snapshot, a policy, a baseline; the instant of the question.
// Out:   one verdict per service; entries of the policy that nothing answers to.
// Never: calls a service approved that does not meet the conditions of the entry.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/analysis/policy.h"
#include "schema/model/baseline.h"

namespace sockwitness::query {

enum class AccountStatus { Approved, Baseline, Expired, Unexplained };

struct Account {
  const schema::Service* service = nullptr;  // of the set that was asked about
  AccountStatus status = AccountStatus::Unexplained;
  const PolicyEntry* entry = nullptr;      // that approves it, or did, or is a draft
  const schema::Service* known = nullptr;  // of the baseline
  std::string reason;                      // given with the approval
  std::string approved_by;
  std::optional<schema::WallTime> expires;  // end of the approval
  // Approved or of the baseline: since when that is proven. Unexplained: from when on it is
  // approved, which is later than the instant of the question.
  std::optional<schema::WallTime> approved_since;
  bool review_due = false;
  std::string
      obstacle;  // unexplained: what stands in the way, in words; may hold names of the host
};

struct AccountBook {
  std::vector<Account> accounts;              // by status, the worst first, then endpoint
  std::vector<const PolicyEntry*> unmatched;  // approved and not running
  std::size_t unjudged = 0;                   // UDP ports that may be clients'
};

// `baseline` is null for none. Unix services only with `with_unix`.
[[nodiscard]] AccountBook account_for(const schema::ServiceSet& set,
                                      const Policy& policy,
                                      const schema::Baseline* baseline,
                                      schema::WallTime now,
                                      bool with_unix);

// "approved", "baseline", "expired", "unexplained"
[[nodiscard]] std::string_view account_status_word(AccountStatus status);

}  // namespace sockwitness::query
