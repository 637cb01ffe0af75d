// Services that the policy does not account for, or no longer does.
//
// In:    the account of the latest snapshot, changes that are reported already; what was reported
//        and lasts.
// Out:   items for what is in no other item; what the policy says of those that are.
// Never: reports a service as not approved while its owner is hidden.
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
