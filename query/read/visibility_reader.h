// The visibility of the snapshots of a range, and which of them read a place.
//
// In:    the contexts of the range; a place, and a snapshot that shows something there.
// Out:   the nearest snapshot before or after that read the place.
// Never: a snapshot whose gaps cover the place, or one outside the range.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "query/analysis/history/intervals.h"
#include "query/read/reading.h"

namespace sockwitness::query {

class VisibilityReader {
 public:
  explicit VisibilityReader(const Reading& reading) : reading_(reading) {}

  // Of one snapshot of the range.
  [[nodiscard]] schema::SharedVisibility visibility(schema::Seq seq);

  // The last snapshots of each run within the range that has the same gaps, ascending.
  [[nodiscard]] std::vector<schema::Seq> looks(const schema::SeqRange& snapshots);

  // The last one before `first` that could see it; nothing: none of the range could.
  [[nodiscard]] std::optional<schema::Seq> not_before(const Place& place, schema::Seq first);
  // The first one after `last` that could see it; nothing: none of the range could.
  [[nodiscard]] std::optional<schema::Seq> not_after(const Place& place, schema::Seq last);
  // No snapshot between the two could see it.
  [[nodiscard]] bool is_hidden(const Place& place, schema::Seq last, schema::Seq again);

 private:
  [[nodiscard]] bool sees_all(schema::Seq seq) const;

  Reading reading_;
  std::optional<std::vector<schema::Seq>>
      gap_edges_;  // snapshots with other gaps than the one before
  std::map<schema::Seq, schema::SharedVisibility> known_;  // the ones that were asked for last
};

}  // namespace sockwitness::query
