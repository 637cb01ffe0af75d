// Changes of services from snapshot to snapshot: the last known state of every endpoint against the
// next one.
//
// In:    the services of each snapshot, in order, without holes.
// Out:   changes, each with the last snapshot that shows the state before it; endpoints where
//        something came or went; what could not be compared, with the gap.
// Never: a change twice, or none, because a snapshot between its two sides has a gap.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "query/analysis/diff.h"
#include "query/analysis/owner_observations.h"
#include "query/analysis/visibility_runs.h"
#include "schema/model/snapshot_info.h"

namespace sockwitness::query {

struct DatedChange {
  Change change;
  schema::Seq before;  // the last snapshot that shows the state before it
  // The question is about the service of that state, or of the state after it.
  bool before_meant = true;
  bool after_meant = true;
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

// A service that did not change is the same object as in the state before: only others are
// compared.
struct SeenService {
  SharedService service;
  bool meant = true;  // the question is about it

  friend bool operator==(const SeenService&, const SeenService&) = default;
};

// Snapshots in a row that show the same.
struct ServiceState {
  schema::SeqRange snapshots;
  schema::SharedVisibility visibility;  // not null
  schema::WallTime as_of;
  schema::Port ephemeral_first{32768};
  schema::Port ephemeral_last{60999};
  std::vector<SeenService> services;  // by endpoint, ascending, each once
};

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

  // Something is where nothing was known to be.
  struct Arrival {
    schema::Endpoint endpoint;
    // The last snapshot that could see the place; nothing: none could, or it is the first state.
    std::optional<schema::Seq> not_before;
  };
  // The place could be seen, and is empty.
  struct Departure {
    schema::Endpoint endpoint;
    schema::Seq last;
    SharedService service;  // with the last owners that were seen
    bool meant = true;
    bool certain = true;  // its namespace had a name: it is not at another place under another one
  };
  // Something is where something was, and not all of it is the same.
  struct Alteration {
    schema::Endpoint endpoint;
    SharedService before;  // with the last owners that were seen
    SharedService after;   // with its own
    bool before_meant = true;
    schema::Seq last;  // the last snapshot that shows something there
  };
  struct Step {
    std::vector<DatedChange> changes;
    std::vector<RegisterBlind> blind;
    std::vector<Alteration> altered;
    std::vector<Arrival> came;
    std::vector<Departure> gone;
    std::map<schema::Endpoint, schema::Endpoint> renamed;  // by the endpoint before
  };

  [[nodiscard]] Step add(ServiceState state);
  // Services that are as they were in the set before count as unchanged.
  [[nodiscard]] Step add(const schema::SeqRange& snapshots, schema::ServiceSet set);
  [[nodiscard]] const std::vector<VisibilityRun>& runs() const { return runs_.all(); }

 private:
  // A service with the observation that shows it.
  struct Shown {
    SharedService service;
    bool meant = true;
    schema::SharedVisibility visibility;
    schema::WallTime as_of;
    schema::Seq seq;
    SharedService observed = nullptr;  // as that observation shows it, where `service` does not
    std::optional<OwnerComparison> owners = {};  // compared with those of now
  };
  struct Known {
    SeenService seen;          // as the last state shows it that has it
    Shown state;               // with the last owners that were seen
    OwnerObservations owners;  // where they could be seen
    schema::Seq last;          // the last snapshot that shows something there
    bool hidden = false;
    bool carried = false;  // its owners are hidden; `state` has those of before
  };
  // Both sides of what is compared in one step.
  struct Comparison {
    std::vector<const Shown*> before;               // by endpoint, ascending
    Services after;                                 // likewise
    std::deque<Shown> made;                         // those of `before` that are no known states
    std::map<schema::Endpoint, schema::Seq> fresh;  // came, with the last snapshot without it
    std::map<schema::Endpoint, Shown> next;         // of those that came or are not as before
    std::vector<Shown> owners;  // of those that `before` cannot tell whether they are others
    std::vector<schema::Endpoint> carried;    // of those
    std::vector<schema::Endpoint> forgotten;  // hidden, and perhaps a client's

    // Null when there is none.
    [[nodiscard]] const Shown* find_before(const schema::Endpoint& endpoint) const;
  };
  using Blind =
      std::map<std::tuple<Side, bool, std::optional<std::size_t>>, std::vector<schema::Endpoint>>;

  void compare(const ServiceState& state, Step& step);
  void take_labels(const ServiceState& state, Step& step);
  void complete(ServiceState& state, Step& step);
  void rename(const schema::Endpoint& from, const schema::Endpoint& to, Step& step);
  [[nodiscard]] static SharedService at_place_of(const SharedService& service,
                                                 const Known& known,
                                                 const schema::Endpoint& endpoint);
  void compare_known(const schema::Endpoint& endpoint,
                     const Known& known,
                     const SeenService& now,
                     const ServiceState& state,
                     Comparison& sides,
                     Step& step,
                     Blind& blind);
  void compare_missing(const schema::Endpoint& endpoint,
                       Known& known,
                       const ServiceState& state,
                       Comparison& sides,
                       Step& step,
                       Blind& blind);
  void compare_fresh(const SeenService& now,
                     const ServiceState& state,
                     Comparison& sides,
                     Step& step,
                     Blind& blind) const;
  void run(const Comparison& sides, const ServiceState& state, Step& step, Blind& blind) const;
  static void run_owners(const Comparison& sides, const ServiceState& state, Step& step);
  [[nodiscard]] schema::Seq date(const Change& change, const Comparison& sides) const;
  void add_blind(Blind blind, const ServiceState& state, Step& step) const;
  void keep(ServiceState state);
  [[nodiscard]] Services known_services() const;

  VisibilityRuns runs_;
  OwnerVisibility visibility_;
  std::map<schema::Endpoint, Known> known_;
  std::optional<ServiceState> previous_;
};

}  // namespace sockwitness::query
