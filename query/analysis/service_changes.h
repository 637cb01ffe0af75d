// Changes of services from snapshot to snapshot.
//
// In:    sets of services in the order of the snapshots, without holes.
// Out:   changes, each with the last snapshot that shows the state before it; endpoints that are
//        gone; neighbours that could not be compared, with the gap.
// Never: a change twice, or none, because a snapshot between its two sides has a gap.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "query/analysis/diff.h"
#include "query/analysis/owner_observations.h"
#include "query/analysis/visibility_runs.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct DatedChange {
  Change change;
  schema::Seq before;  // the last snapshot that shows the state before it
};

// What two neighbouring states could not be compared in.
struct RegisterBlind {
  schema::Seq before;
  schema::Seq after;
  std::optional<schema::Gap> gap;  // its netns is not set
  std::string netns;
  bool owners_only = false;
  std::vector<schema::Endpoint> endpoints;
};

class ServiceChanges {
 public:
  ServiceChanges() = default;
  ServiceChanges(const ServiceChanges&) = delete;
  ServiceChanges& operator=(const ServiceChanges&) = delete;
  ~ServiceChanges() = default;

  struct Step {
    std::vector<DatedChange> changes;
    std::vector<RegisterBlind> blind;
    std::vector<schema::Endpoint> gone;  // the place could be seen, and is empty
  };

  [[nodiscard]] Step add(schema::SeqRange snapshots, schema::ServiceSet set);
  [[nodiscard]] const std::vector<VisibilityRun>& runs() const { return runs_.all(); }

 private:
  // A service as the last snapshot shows it before a gap hid its endpoint.
  struct LastSeen {
    schema::Service service;
    schema::SharedVisibility visibility;
    schema::WallTime as_of;
    schema::Seq last;
  };
  using LastSeenMap = std::map<schema::Endpoint, LastSeen>;
  // Two snapshots that are no neighbours, as far as those between them could not see.
  struct LateComparison {
    schema::SharedVisibility visibility;
    schema::ServiceSet before;
    schema::ServiceSet after;
    std::set<schema::Endpoint> scope;  // the others are there for their addresses only
  };
  using LateComparisons = std::map<schema::Seq, LateComparison>;  // by the earlier snapshot

  [[nodiscard]] LastSeen last_seen_of(const schema::Service& service) const;
  [[nodiscard]] RegisterBlind blind_of(NotCompared entry,
                                       const schema::ServiceSet& set,
                                       schema::Seq after) const;
  void compare(schema::Seq after, const schema::ServiceSet& set, Step& step);
  [[nodiscard]] LateComparisons find_late_comparisons(const schema::ServiceSet& set,
                                                      const std::set<schema::Endpoint>& told) const;
  void add_companions(LateComparison& late, const schema::ServiceSet& set) const;
  void take_late_comparison(schema::Seq before,
                            LateComparison late,
                            Step& step,
                            std::set<schema::Endpoint>& unsure) const;
  void compare_owners_of(const std::set<schema::Endpoint>& unsure,
                         const schema::ServiceSet& set,
                         Step& step);
  void add_gone(const schema::Service& service,
                schema::Seq last,
                const schema::ServiceSet& set,
                Step& step) const;
  void remember_places(const schema::ServiceSet& set, Step& step);
  void remember_owners(const schema::ServiceSet& set);
  [[nodiscard]] schema::SharedVisibility visibility_at(schema::Seq seq) const;

  VisibilityRuns runs_;
  std::optional<schema::ServiceSet> previous_;
  schema::Seq last_;    // of `previous_`
  LastSeenMap hidden_;  // services whose endpoints are hidden since
  OwnerVisibility visibility_{
      {[this](schema::Seq seq) { return visibility_at(seq); },
       [](const schema::SeqRange& snapshots) { return std::vector{snapshots.last}; }}};
  std::map<schema::Endpoint, OwnerObservations> owners_;  // where other owners may be hidden since
};

}  // namespace sockwitness::query
