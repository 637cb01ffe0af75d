// Who answered at one place, in those snapshots that could see him.
//
// In:    the service as snapshot after snapshot shows it, and what these could look at.
// Out:   whether somebody else answers now, judged against the last snapshot that can tell.
// Never: takes an owner whom nobody could see for another one, or for the same.
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

// What snapshots could look at. One for all the places of a question.
class OwnerViews {
 public:
  struct Source {
    std::function<schema::SharedVisibility(schema::Seq)> visibility;
    // The last snapshots of each run within the range that could see the same, ascending.
    std::function<std::vector<schema::Seq>(const schema::SeqRange&)> looks;
  };

  explicit OwnerViews(Source source) : source_(std::move(source)) {}

  [[nodiscard]] schema::SharedVisibility at(schema::Seq seq) { return source_.visibility(seq); }
  // For snapshots that are asked about in order.
  [[nodiscard]] const std::vector<schema::Seq>& looks(const schema::SeqRange& snapshots);
  // Some holder whom `earlier` could have seen was out of sight of `later`.
  [[nodiscard]] bool hides_more(schema::Seq later, schema::Seq earlier);

 private:
  Source source_;
  schema::SeqRange last_range_;
  std::vector<schema::Seq> last_looks_;
  std::map<std::pair<schema::Seq, schema::Seq>, bool> known_;
};

using SharedService = std::shared_ptr<const schema::Service>;

struct OwnerSight {
  SharedService service;
  schema::Seq seq;
  schema::WallTime as_of;
  bool meant = true;  // by the filter of the question
};

class OwnerSights {
 public:
  struct Judgement {
    OwnerSight sight;      // the last one that can tell
    bool changed = false;  // somebody else answers now
  };

  // Nothing when none of them can tell whose it is now.
  [[nodiscard]] std::optional<Judgement> judge(const schema::Service& now, OwnerViews& views) const;
  // Precondition: later than all before.
  void add(const SharedService& service,
           const schema::SeqRange& snapshots,
           schema::WallTime as_of,
           bool meant,
           OwnerViews& views);
  // What was seen before is another story.
  void forget() { sights_.clear(); }
  [[nodiscard]] bool is_single() const { return sights_.size() == 1; }

 private:
  // Ascending; none that a later one outdoes, which hides no holder that it could see.
  std::vector<OwnerSight> sights_;
};

}  // namespace sockwitness::query
