// The owners of one endpoint over the snapshots that read them.
//
// In:    the service in each of these snapshots; the visibility of snapshots.
// Out:   whether its owner changed, judged by the last snapshot whose gaps allow it.
// Never: treats an owner that a gap hides as changed, or as unchanged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "query/analysis/owners.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

// The visibility of snapshots. One object for all endpoints of a question.
class OwnerVisibility {
 public:
  struct Source {
    std::function<schema::SharedVisibility(schema::Seq)> visibility;
    // The last snapshots of each run within the range that could see the same, ascending.
    std::function<std::vector<schema::Seq>(const schema::SeqRange&)> looks;
  };

  explicit OwnerVisibility(Source source) : source_(std::move(source)) {}

  [[nodiscard]] schema::SharedVisibility at(schema::Seq seq) { return source_.visibility(seq); }
  // For snapshots that are asked about in order.
  [[nodiscard]] const std::vector<schema::Seq>& looks(const schema::SeqRange& snapshots);
  // `later` may hide a holder that `earlier` would show.
  [[nodiscard]] bool hides_more(schema::Seq later, schema::Seq earlier);

 private:
  Source source_;
  schema::SeqRange last_range_;
  std::vector<schema::Seq> last_looks_;
  std::map<std::pair<schema::Seq, schema::Seq>, bool> known_;
};

using SharedService = std::shared_ptr<const schema::Service>;

struct OwnerObservation {
  SharedService service;
  schema::Seq seq;
  schema::WallTime as_of;
  bool meant = true;  // by the filter of the question
};

class OwnerObservations {
 public:
  struct Judgement {
    OwnerObservation observation;  // the last one that can tell
    OwnerComparison comparison;    // with it; refers to the owners of both services

    // It has another owner now.
    [[nodiscard]] bool changed() const {
      return comparison.verdict == OwnerComparison::Verdict::Changed;
    }
  };

  // Nothing when the gaps of all of them may hide the owner that `now` shows.
  [[nodiscard]] std::optional<Judgement> judge(const schema::Service& now,
                                               OwnerVisibility& visibility) const;
  // Precondition: later than all before.
  void add(const SharedService& service,
           const schema::SeqRange& snapshots,
           schema::WallTime as_of,
           bool meant,
           OwnerVisibility& visibility);
  // After a change only later observations count.
  void forget() { observations_.clear(); }

 private:
  // Ascending; none that a later one outdoes, which hides no holder that it could see.
  std::vector<OwnerObservation> observations_;
};

}  // namespace sockwitness::query
