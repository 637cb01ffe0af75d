// Events of listeners from snapshot to snapshot.
//
// In:    observations in order, without holes, each with its listening sockets.
// Out:   events: present, appeared, vanished, restarted, owner changed, exposure widened or narrowed.
// Never: a listener as vanished while a gap covers its endpoint.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "query/analysis/owner_observations.h"
#include "query/analysis/pairing.h"
#include "query/analysis/timeline_event.h"
#include "query/analysis/visibility_runs.h"
#include "query/analysis/when.h"

namespace sockwitness::query {

class ListenerTrack {
 public:
  // Whether a short-lived UDP port that the kernel chose counts: it is a client's, usually.
  enum class Chosen { Leave, Take };

  // Whether the question is about this one. All others at the places of the question are followed,
  // too: what happens to one that is meant depends on the owners before and after.
  using Meant = std::function<bool(const schema::SnapshotView&, schema::SocketIndex)>;

  ListenerTrack(Chosen chosen, Meant meant, OwnerVisibility::Source visibility)
      : chosen_(chosen), meant_(std::move(meant)), visibility_(std::move(visibility)) {}

  // Appends in the order of endpoints.
  void add(const Observation& observation,
           const ObservedThings& things,
           std::vector<TimelineEvent>& events);

 private:
  // Sockets and their holders; equal in two snapshots: nothing is to be compared.
  using Hold = std::
      tuple<schema::Pid, schema::BootTime, schema::Fd, schema::Uid, schema::Inode, std::string>;
  struct Signature {
    std::vector<Identity> sockets;  // ascending
    std::vector<Hold> holders;
    std::vector<schema::NoHolderReason> reasons;  // of sockets without one

    friend bool operator==(const Signature&, const Signature&) = default;
  };
  struct Found {
    Signature signature;
    std::vector<schema::SocketIndex> sockets;
    std::optional<bool> v6only;
    bool certain = false;  // one of its sockets is no client's; it speaks for all of them
    bool meant = false;    // one of them is
  };
  struct Known {
    Signature signature;
    schema::BootId boot;
    SharedService service;  // as the last snapshot saw it that could see its owners
    OwnerObservations owners;
    bool meant = false;   // the service is
    bool unseen = false;  // its owners are hidden now
    SharedExcerpt excerpt;
    schema::SocketIndex socket;
    schema::Seq last;
  };
  // What was known of a place that changes; nothing of one that is new.
  struct Before {
    SharedService service;
    std::optional<schema::Seq> not_before;
  };
  struct MeantEvent {
    TimelineEvent event;
    bool meant = true;
  };
  using Events = std::vector<MeantEvent>;

  void add_socket(const ObservedThings& things, std::size_t at, Found& place) const;
  [[nodiscard]] std::map<schema::Endpoint, Found> find(const ObservedThings& things) const;
  void begin(const schema::Endpoint& endpoint,
             Known& known,
             const Found& found,
             const Observation& observation,
             const ObservedThings& things,
             Events& events);
  void compare(const schema::Endpoint& endpoint,
               Known& known,
               const Found& found,
               const Observation& observation,
               const ObservedThings& things,
               Events& events);
  void end_unseen(const std::map<schema::Endpoint, Found>& found,
                  const Observation& observation,
                  Events& events);
  void join_moves(const Observation& observation, Events& events);
  void join_move(const ServicePair& pair,
                 bool widened,
                 const Observation& observation,
                 Events& events);
  [[nodiscard]] bool reach_may_differ(const schema::Endpoint& endpoint, const Before& before) const;
  [[nodiscard]] std::optional<schema::Seq> find_not_before(const schema::Endpoint& endpoint,
                                                           const Observation& observation) const;

  Chosen chosen_;
  Meant meant_;
  OwnerVisibility visibility_;
  bool begun_ = false;
  std::map<schema::Endpoint, Known> known_;
  std::map<schema::Endpoint, Before> before_;  // of the observation at hand
  VisibilityRuns runs_;                        // of the observations before it
};

}  // namespace sockwitness::query
