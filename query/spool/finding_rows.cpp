#include "query/spool/finding_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/spool/row_name.h"

namespace sockwitness::query {

void FindingRows::add(const JudgedOnce& judged, std::vector<FindingLine>& lines) {
  std::set<std::string> seen;
  for (const SeenFinding& each : judged.findings) {
    if (!seen.insert(each.key).second) {
      continue;  // several of one kind, as a server's children: the first is the gravest
    }
    auto row = std::find_if(
        rows_.begin(), rows_.end(), [&](const OpenFinding& open) { return open.key == each.key; });
    if (row == rows_.end()) {
      rows_.push_back(
          {.key = each.key,
           .row = row_name("finding", {each.key, fmt::format("{}", judged.snapshot.seq.value())}),
           .rule = each.rule,
           .first = judged.snapshot,
           .not_before = judged_,
           .last = judged.snapshot,
           .unseen = {},
           .content = {}});
      row = rows_.end() - 1;
    }
    row->last = judged.snapshot;
    row->unseen.reset();
    row->rule = each.rule;
    if (row->content != each.content) {
      row->content = each.content;
      lines.push_back({*row, judged.snapshot, std::nullopt});
    }
  }
  constexpr std::int64_t kGoneUs = 3'600'000'000;
  std::erase_if(rows_, [&](OpenFinding& row) {
    if (seen.contains(row.key) || judged.unsure.contains(row.rule)) {
      return false;
    }
    row.unseen = row.unseen.value_or(judged.snapshot);
    const bool gone = judged.snapshot.at.microseconds - row.unseen->at.microseconds >= kGoneUs;
    if (gone) {
      lines.push_back({row, judged.snapshot, row.unseen});
    }
    return gone;
  });
  judged_ = judged.unsure.empty() ? judged.snapshot : judged_;
}

}  // namespace sockwitness::query
