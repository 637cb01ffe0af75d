// Services that the policy does not account for, or no longer.
//
// In:    the account of the latest snapshot, changes that are told already; what was told and lasts.
// Out:   items for what is in no other item; what the policy says of those that are.
// Never: says of a service that nobody approved it while its owner was out of sight.
#pragma once

#include <vector>

#include "query/alert/alert_state.h"
#include "query/alert/news.h"
#include "query/analysis/account.h"

namespace sockwitness::query {

[[nodiscard]] std::vector<NewsItem> find_account_news(const AccountBook& book,
                                                      schema::WallTime at,
                                                      std::vector<NewsItem>& changes,
                                                      std::vector<OpenSituation>& open);

}  // namespace sockwitness::query
