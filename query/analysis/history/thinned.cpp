#include "query/analysis/history/thinned.h"

#include <algorithm>

namespace sockwitness::query {

using schema::Seq;
using schema::SeqRange;

const SeqRange* Thinned::find(Seq seq) const {
  const auto after =
      std::upper_bound(spans.begin(), spans.end(), seq, [](Seq wanted, const SeqRange& span) {
        return wanted < span.first;
      });
  return after != spans.begin() && std::prev(after)->contains(seq) ? &*std::prev(after) : nullptr;
}

std::int64_t Thinned::count(SeqRange range) const {
  std::int64_t count = 0;
  for (const SeqRange& span : spans) {
    if (span.overlaps(range)) {
      count +=
          std::min(span.last, range.last).value() - std::max(span.first, range.first).value() + 1;
    }
  }
  return count;
}

SeqRange Thinned::within(SeqRange range) const {
  SeqRange found{range.last, range.first};
  for (const SeqRange& span : spans) {
    if (span.overlaps(range)) {
      found.first = std::min(found.first, std::max(span.first, range.first));
      found.last = std::max(found.last, std::min(span.last, range.last));
    }
  }
  return found;
}

Seq whole_at_or_before(const std::optional<Thinned>& thinned, Seq seq) {
  const SeqRange* const span = thinned ? thinned->find(seq) : nullptr;
  return span == nullptr ? seq : Seq(span->first.value() - 1);
}

Seq whole_near(const std::optional<Thinned>& thinned, Seq seq, Seq last) {
  const SeqRange* const span = thinned ? thinned->find(seq) : nullptr;
  if (span == nullptr) {
    return seq;
  }
  const Seq after(span->last.value() + 1);
  return after <= last ? after : Seq(span->first.value() - 1);
}

}  // namespace sockwitness::query
