// Changes of services from snapshot to snapshot: the last known state of every endpoint against the
// next one.
//
// In:    the services of each snapshot, in order, without holes.
// Out:   changes, each with the last snapshot that shows the state before it; endpoints where
//        something came or went; what could not be compared, with the gap.
// Never: reports a change twice, or not at all, because a snapshot between its two sides has a gap.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "query/analysis/service_state.h"
#include "query/analysis/state_comparison.h"
#include "query/analysis/visibility_runs.h"

namespace sockwitness::query {

class ServiceChanges {
 public:
  // Judges by the visibility of the states alone.
  ServiceChanges();
  // `visibility` of each snapshot, where it may differ within a state.
  explicit ServiceChanges(OwnerVisibility::Source visibility)
      : visibility_(std::move(visibility)) {}
  ServiceChanges(const ServiceChanges&) = delete;
  ServiceChanges& operator=(const ServiceChanges&) = delete;
  ~ServiceChanges() = default;

  [[nodiscard]] StateChanges add(ServiceState state);
  // Services that are as they were in the set before count as unchanged.
  [[nodiscard]] StateChanges add(const schema::SeqRange& snapshots, schema::ServiceSet set);
  [[nodiscard]] const std::vector<VisibilityRun>& runs() const { return runs_.all(); }

 private:
  void take_labels(const ServiceState& state, StateChanges& step);
  void complete(ServiceState& state, StateChanges& step);
  void rename(const schema::Endpoint& from, const schema::Endpoint& to, StateChanges& step);
  void keep(ServiceState state);
  [[nodiscard]] Services known_services() const;

  VisibilityRuns runs_;
  OwnerVisibility visibility_;
  KnownServices known_;
  std::optional<ServiceState> previous_;
};

}  // namespace sockwitness::query
