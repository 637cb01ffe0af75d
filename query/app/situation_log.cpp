#include "query/app/situation_log.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace sockwitness::query {

std::vector<CheckRow> rows_of(std::vector<JudgedFinding> findings) {
  std::vector<CheckRow> rows;
  for (JudgedFinding& finding : findings) {
    const auto& seen = finding.seen;
    rows.push_back({std::move(finding.record),
                    seen ? std::optional(Sightings{seen->first, seen->last, 1}) : std::nullopt});
  }
  return rows;
}

void SituationLog::add(Judgement& judgement, std::optional<schema::WallTime> lasts) {
  ++snapshots_;
  const schema::WallTime at = judgement.snapshot.begin.wall;
  std::set<std::string_view> here;
  for (JudgedFinding& finding : judgement.findings) {
    const auto [place, is_new] = situations_.try_emplace(finding.key);
    // Several of one kind in one snapshot, as a server's children are: the first is the gravest.
    if (!here.insert(place->first).second) {
      continue;
    }
    CheckRow& row = place->second;
    const auto last =
        lasts && finding.seen ? std::max(at, std::min(finding.seen->last, *lasts)) : at;
    row.sightings = is_new ? Sightings{at, last, 1}
                           : Sightings{row.sightings->first, last, row.sightings->snapshots + 1};
    row.record = std::move(finding.record);
  }
  for (RuleFailure& failure : judgement.failures) {
    const bool told = std::any_of(failures_.begin(), failures_.end(), [&](const auto& known) {
      return known.rule == failure.rule;
    });
    if (!told) {
      failures_.push_back(std::move(failure));
    }
  }
}

std::vector<CheckRow> SituationLog::take_rows() {
  std::vector<CheckRow> rows;
  for (auto& [key, row] : situations_) {
    rows.push_back(std::move(row));
  }
  // The map's order decides among equals.
  std::stable_sort(rows.begin(), rows.end(), [](const CheckRow& left, const CheckRow& right) {
    return std::tuple(left.record.accepted, right.record.severity, left.sightings->first) <
           std::tuple(right.record.accepted, left.record.severity, right.sightings->first);
  });
  return rows;
}

}  // namespace sockwitness::query
