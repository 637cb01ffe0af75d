#include "query/report/records/pruned_words.h"

#include <fmt/format.h>

#include "query/report/records/records.h"

namespace sockwitness::query {

SafeText pruned_text(const Pruned& pruned, const ClockFace& clock) {
  const auto& [first, last] = pruned.snapshots;
  const bool one = first == last;
  return SafeText::own(fmt::format("snapshot{} {}{} ({}{}) {} pruned on {} by ",
                                   one ? "" : "s",
                                   first.value(),
                                   one ? std::string() : fmt::format(" to {}", last.value()),
                                   clock(pruned.from),
                                   one ? std::string() : " to " + clock(pruned.to),
                                   one ? "was" : "were",
                                   clock(pruned.at))) +
         SafeText::host(pruned.by) + " (" + SafeText::host(pruned.policy) + ")";
}

Value pruned_value(const Pruned& pruned) {
  return Value::Object{{"first_seq", pruned.snapshots.first.value()},
                       {"last_seq", pruned.snapshots.last.value()},
                       {"from", time_value(pruned.from)},
                       {"to", time_value(pruned.to)},
                       {"pruned_at", time_value(pruned.at)},
                       {"policy", text_or_null(pruned.policy)},
                       {"by", text_or_null(pruned.by)}};
}

}  // namespace sockwitness::query
