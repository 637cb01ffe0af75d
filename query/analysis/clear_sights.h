// Each observation compared with the last one that could see the same.
//
// In:    sets of services in order, without holes.
// Out:   changes, each with the last snapshot before it that saw what it tells of; what was gone
//        for certain; what neighbours could not be compared in.
// Never: tells a change twice because a snapshot between its two sides was blind, or not at all.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "query/analysis/diff.h"
#include "query/analysis/owner_sights.h"
#include "query/analysis/visibility_runs.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct DatedChange {
  Change change;
  schema::Seq before;  // the last snapshot that saw the state before it
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

class ClearSights {
 public:
  ClearSights() = default;
  ClearSights(const ClearSights&) = delete;
  ClearSights& operator=(const ClearSights&) = delete;
  ~ClearSights() = default;

  struct Step {
    std::vector<DatedChange> changes;
    std::vector<RegisterBlind> blind;
    std::vector<schema::Endpoint> gone;  // the place was looked at, and nobody was there
  };

  [[nodiscard]] Step add(schema::SeqRange snapshots, schema::ServiceSet set);
  [[nodiscard]] const std::vector<VisibilityRun>& runs() const { return runs_.all(); }

 private:
  // A service as it was seen before it went out of sight.
  struct Sight {
    schema::Service service;
    schema::SharedVisibility visibility;
    schema::WallTime as_of;
    schema::Seq last;
  };
  using Sights = std::map<schema::Endpoint, Sight>;
  // What two snapshots that are no neighbours say of the same places.
  struct Detour {
    schema::SharedVisibility visibility;
    schema::ServiceSet before;
    schema::ServiceSet after;
    std::set<schema::Endpoint> scope;  // the others are there for their addresses only
  };
  using Detours = std::map<schema::Seq, Detour>;  // by the last snapshot that looked

  [[nodiscard]] Sight sight_of(const schema::Service& service) const;
  [[nodiscard]] RegisterBlind blind_of(NotCompared entry,
                                       const schema::ServiceSet& set,
                                       schema::Seq after) const;
  void compare(schema::Seq after, const schema::ServiceSet& set, Step& step);
  [[nodiscard]] Detours find_detours(const schema::ServiceSet& set,
                                     const std::set<schema::Endpoint>& told) const;
  void add_companions(Detour& detour, const schema::ServiceSet& set) const;
  void take_detour(schema::Seq before,
                   Detour detour,
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
  schema::Seq last_;  // of `previous_`
  Sights hidden_;     // whose places nobody could look at since
  OwnerViews views_{
      {[this](schema::Seq seq) { return visibility_at(seq); },
       [](const schema::SeqRange& snapshots) { return std::vector{snapshots.last}; }}};
  std::map<schema::Endpoint, OwnerSights> owners_;  // whom somebody may have joined unseen since
};

}  // namespace sockwitness::query
