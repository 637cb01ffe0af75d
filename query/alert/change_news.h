// Changes of services that were not reported before.
//
// In:    the register of the snapshots since an earlier one, the clocks, what was reported before.
// Out:   one item for what happened to one service in a row; the marks of all changes.
// Never: reports a change twice, or drops one because the last reported snapshot lies in the middle
//        of it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "query/alert/news.h"
#include "query/analysis/history/moments.h"
#include "query/analysis/history/register.h"

namespace sockwitness::query {

struct ChangeQuestion {
  const Register& services;  // outlives the items
  const Moments& moments;
  schema::Seq from;            // earlier changes were reported; the register may begin before it
  schema::Seq reported_up_to;  // what came later is news whatever the marks say
  const std::set<std::string>* reported = nullptr;  // null: all up to there was reported
};

// Where, when and in which direction: equal for the same change in a longer or shorter register.
[[nodiscard]] std::string change_hash(const RegisterChange& change);

[[nodiscard]] std::vector<NewsItem> find_change_news(const ChangeQuestion& question);

// Of all changes after `from`.
[[nodiscard]] std::set<std::string> hash_changes(const Register& services, schema::Seq from);

}  // namespace sockwitness::query
