// What lasts, and is told when it begins: once, and again when it has ended and begins anew.
//
// In:    what is so now, each with its key; what was told and lasted.
// Out:   items for what is new among it; what lasts now.
// Never: told again while it lasts. That it ended is no news by itself.
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
