// The next state of services, compared with what is known of every endpoint.
//
// In:    known services, the previous state and the next one, with the same labels and interfaces.
// Out:   changes, arrivals, departures, what could not be compared; the known services are as of
//        the next state for what changed, came or went.
// Never: a change without the last snapshot that shows the state before it.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "query/analysis/service_state.h"
#include "query/analysis/visibility_runs.h"

namespace sockwitness::query {

// A service with the observation that shows it.
struct ShownService {
  SharedService service;
  bool meant = true;
  schema::SharedVisibility visibility;
  schema::WallTime as_of;
  schema::Seq seq;
  SharedService observed = nullptr;  // as that observation shows it, where `service` does not
  std::optional<OwnerComparison> owners = {};  // compared with those of now
};

struct KnownService {
  SeenService seen;          // as the last state shows it that has it
  ShownService state;        // with the last owners that were seen
  OwnerObservations owners;  // where they could be seen
  schema::Seq last;          // the last snapshot that shows something there
  bool hidden = false;
  bool carried = false;  // its owners are hidden; `state` has those of before
};

using KnownServices = std::map<schema::Endpoint, KnownService>;

class StateComparison {
 public:
  // All must outlive this object.
  StateComparison(KnownServices& known,
                  const VisibilityRuns& runs,
                  OwnerVisibility& visibility,
                  const ServiceState& previous,
                  const ServiceState& state,
                  StateChanges& result)
      : known_(known),
        runs_(runs),
        visibility_(visibility),
        previous_(previous),
        state_(state),
        result_(result) {}

  void run();

 private:
  void compare_known(const schema::Endpoint& endpoint,
                     const KnownService& known,
                     const SeenService& now);
  void compare_missing(const schema::Endpoint& endpoint, KnownService& known);
  void compare_fresh(const SeenService& now);
  void compare_sides_of_all();
  void compare_earlier_owners();
  void hide_owners(const schema::Endpoint& endpoint,
                   const schema::Service& before,
                   const schema::Service& now);
  [[nodiscard]] bool is_meant(const schema::Endpoint& endpoint) const;
  [[nodiscard]] schema::Seq date(const Change& change) const;
  [[nodiscard]] schema::Seq date_of_places(const Change& change) const;
  void add_blind();
  void update_known();
  // Null when there is none.
  [[nodiscard]] const ShownService* find_before(const schema::Endpoint& endpoint) const;

  KnownServices& known_;
  const VisibilityRuns& runs_;
  OwnerVisibility& visibility_;
  const ServiceState& previous_;
  const ServiceState& state_;
  StateChanges& result_;

  std::vector<const ShownService*> before_;        // by endpoint, ascending
  Services after_;                                 // likewise
  std::deque<ShownService> made_;                  // those of `before_` that no known one has
  std::map<schema::Endpoint, schema::Seq> fresh_;  // came, with the last snapshot without it
  std::map<schema::Endpoint, ShownService> next_;  // of those that came or are not as before
  std::vector<ShownService> owners_;  // of those that `before_` cannot tell whether they are others
  std::vector<schema::Endpoint> carried_;    // of those
  std::vector<schema::Endpoint> forgotten_;  // hidden, and perhaps a client's
  std::map<std::tuple<Side, bool, std::optional<std::size_t>>, std::vector<schema::Endpoint>>
      blind_;  // by the side that could not see, whether of owners only, and the gap
};

}  // namespace sockwitness::query
