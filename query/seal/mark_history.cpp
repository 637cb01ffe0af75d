#include "query/seal/mark_history.h"

#include <algorithm>

namespace sockwitness::query {

void MarkHistory::add(std::int64_t record, const schema::Marks& after) {
  for (const auto& [numbering, mark] : after) {
    auto& reached = reached_[numbering];
    if (reached.empty() || reached.back().first < mark) {
      reached.emplace_back(mark, record);
    }
  }
}

schema::Marks MarkHistory::after(std::int64_t record) const {
  schema::Marks marks;
  for (const auto& [numbering, reached] : reached_) {
    const auto next = std::upper_bound(
        reached.begin(), reached.end(), record, [](std::int64_t wanted, const auto& entry) {
          return wanted < entry.second;
        });
    if (next != reached.begin()) {
      marks[numbering] = std::prev(next)->first;
    }
  }
  return marks;
}

std::int64_t MarkHistory::record_of(RowNumber number) const {
  const auto found = reached_.find(number.numbering);
  if (found == reached_.end() || number.number < 1) {
    return 0;
  }
  const auto at =
      std::lower_bound(found->second.begin(),
                       found->second.end(),
                       number.number,
                       [](const auto& entry, std::int64_t wanted) { return entry.first < wanted; });
  return at == found->second.end() ? 0 : at->second;
}

}  // namespace sockwitness::query
