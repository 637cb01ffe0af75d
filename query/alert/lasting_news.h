// Conditions that last: reported when they begin, and again when they ended and begin anew.
//
// In:    the conditions that hold now, each with its key; those that were reported and held before.
// Out:   items for the new ones; the conditions that hold now.
// Never: reports a condition again while it lasts, or its end.
#pragma once

#include <string>
#include <vector>

#include "query/alert/alert_state.h"
#include "query/alert/news.h"

namespace sockwitness::query {

struct Lasting {
  std::string key;  // as situation_hash gives it
  NewsItem item;
};

// Situations of `kind` in `open` are replaced by those that last.
[[nodiscard]] std::vector<NewsItem> find_lasting_news(SituationKind kind,
                                                      std::vector<Lasting> now,
                                                      schema::WallTime at,
                                                      std::vector<OpenSituation>& open);

}  // namespace sockwitness::query
