// Changes of what listens, as far as nobody was told of them.
//
// In:    the register of the snapshots since an earlier one, the clocks, what was told before.
// Out:   one item for what happened to one service in a row; the marks of all changes.
// Never: a change twice, or none because the other alert's last snapshot lay in the middle of it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "query/alert/news.h"
#include "query/analysis/moments.h"
#include "query/analysis/register.h"

namespace sockwitness::query {

struct ChangeQuestion {
  const Register& services;  // outlives the items
  const Moments& moments;
  schema::Seq from;        // what came until then was told; the register may begin before it
  schema::Seq told_up_to;  // what came later is news whatever the marks say
  const std::set<std::string>* told = nullptr;  // null: all up to there was told
};

// Where, when and in which direction: equal for the same change in a longer or shorter register.
[[nodiscard]] std::string change_hash(const RegisterChange& change);

[[nodiscard]] std::vector<NewsItem> find_change_news(const ChangeQuestion& question);

// Of all changes after `from`.
[[nodiscard]] std::set<std::string> hash_changes(const Register& services, schema::Seq from);

}  // namespace sockwitness::query
