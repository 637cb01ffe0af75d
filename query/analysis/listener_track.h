// What changes where something listens, snapshot after snapshot.
//
// In:    sightings in order, without holes, each with the sockets that wait for peers.
// Out:   events: appeared, vanished, restarted, owner changed, reach widened or narrowed.
// Never: says that something vanished where nobody could look.
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

#include "query/analysis/owner_sights.h"
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
  // too: what happens to one that is meant is told by who was there before and who came after.
  using Meant = std::function<bool(const schema::SnapshotView&, schema::SocketIndex)>;

  ListenerTrack(Chosen chosen, Meant meant, OwnerViews::Source views)
      : chosen_(chosen), meant_(std::move(meant)), views_(std::move(views)) {}

  // Appends in the order of endpoints.
  void add(const Sighting& sighting, const SeenThings& things, std::vector<TimelineEvent>& events);

 private:
  // Who held which sockets; equal in two snapshots: nothing is to be compared.
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
    OwnerSights owners;
    bool meant = false;   // the service is
    bool unseen = false;  // nobody can see now whose it is
    SharedExcerpt excerpt;
    schema::SocketIndex socket;
    schema::Seq last;
  };
  // What was known of a place that changes; nothing of one that is new.
  struct Before {
    SharedService service;
    std::optional<schema::Seq> not_before;
  };
  struct Told {
    TimelineEvent event;
    bool meant = true;
  };
  using Events = std::vector<Told>;

  void add_socket(const SeenThings& things, std::size_t at, Found& place) const;
  [[nodiscard]] std::map<schema::Endpoint, Found> find(const SeenThings& things) const;
  void begin(const schema::Endpoint& endpoint,
             Known& known,
             const Found& found,
             const Sighting& sighting,
             const SeenThings& things,
             Events& events);
  void compare(const schema::Endpoint& endpoint,
               Known& known,
               const Found& found,
               const Sighting& sighting,
               const SeenThings& things,
               Events& events);
  void end_unseen(const std::map<schema::Endpoint, Found>& found,
                  const Sighting& sighting,
                  Events& events);
  void join_moves(const Sighting& sighting, Events& events);
  void join_move(const ServicePair& pair, bool widened, const Sighting& sighting, Events& events);
  [[nodiscard]] bool reach_may_differ(const schema::Endpoint& endpoint, const Before& before) const;
  [[nodiscard]] std::optional<schema::Seq> find_not_before(const schema::Endpoint& endpoint,
                                                           const Sighting& sighting) const;

  Chosen chosen_;
  Meant meant_;
  OwnerViews views_;
  bool begun_ = false;
  std::map<schema::Endpoint, Known> known_;
  std::map<schema::Endpoint, Before> before_;  // of the sighting at hand
  VisibilityRuns runs_;                        // of the sightings before it
};

}  // namespace sockwitness::query
