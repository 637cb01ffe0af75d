#include "query/report/records/thinned_words.h"

#include <fmt/format.h>

#include "query/report/records/records.h"

namespace sockwitness::query {

SafeText thinned_text(const Thinned& thinned, const ClockFace& clock) {
  const auto [first, last] = thinned.snapshots();
  return SafeText::own(fmt::format("{} of snapshots {} to {} ({} to {}) {} thinned on {} by ",
                                   thinned.count({first, last}),
                                   first.value(),
                                   last.value(),
                                   clock(thinned.from),
                                   clock(thinned.to),
                                   thinned.count({first, last}) == 1 ? "was" : "were",
                                   clock(thinned.at))) +
         SafeText::host(thinned.by) + " (" + SafeText::host(thinned.policy) +
         "): what lived between two that stayed whole alone is not there";
}

Value thinned_value(const Thinned& thinned) {
  const auto range = thinned.snapshots();
  return Value::Object{{"first_seq", range.first.value()},
                       {"last_seq", range.last.value()},
                       {"from", time_value(thinned.from)},
                       {"to", time_value(thinned.to)},
                       {"snapshots", thinned.count(range)},
                       {"thinned_at", time_value(thinned.at)},
                       {"policy", text_or_null(thinned.policy)},
                       {"by", text_or_null(thinned.by)}};
}

}  // namespace sockwitness::query
