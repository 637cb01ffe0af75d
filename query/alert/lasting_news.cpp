#include "query/alert/lasting_news.h"

#include <algorithm>
#include <set>

namespace sockwitness::query {

std::vector<NewsItem> find_lasting_news(SituationKind kind,
                                        std::vector<Lasting> now,
                                        schema::WallTime at,
                                        std::vector<OpenSituation>& open) {
  std::set<std::string> here;
  for (const Lasting& each : now) {
    here.insert(each.key);
  }
  std::set<std::string> reported;
  std::erase_if(open, [&](const OpenSituation& each) {
    if (each.kind != kind) {
      return false;
    }
    reported.insert(each.keys.front());
    return !here.contains(each.keys.front());
  });
  std::vector<NewsItem> items;
  for (Lasting& each : now) {
    if (reported.insert(each.key).second) {
      open.push_back({kind, {each.key}, each.item.severity, at, phrase_of(each.item)});
      items.push_back(std::move(each.item));
    }
  }
  return items;
}

}  // namespace sockwitness::query
