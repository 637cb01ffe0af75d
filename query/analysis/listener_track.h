// What changes where something listens, snapshot after snapshot.
//
// In:    sightings in order, without holes, each with the sockets that wait for peers.
// Out:   events: appeared, vanished, restarted, owner changed, reach widened or narrowed.
// Never: says that something vanished where nobody could look.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "query/analysis/timeline_event.h"
#include "query/analysis/when.h"

namespace sockwitness::query {

class ListenerTrack {
 public:
  // Whether a short-lived UDP port that the kernel chose counts: it is a client's, usually.
  enum class Chosen { Leave, Take };

  // Namespaces and gaps of one snapshot: stretches in which the same things are seen may differ in
  // who could be seen.
  using ViewAt = std::function<std::shared_ptr<const schema::ServiceSet>(schema::Seq)>;

  ListenerTrack(Chosen chosen, ViewAt view_at) : chosen_(chosen), view_at_(std::move(view_at)) {}

  // Appends in the order of endpoints.
  void add(const Sighting& sighting, const SeenThings& things, std::vector<TimelineEvent>& events);

 private:
  // Who held which sockets; equal in two snapshots: nothing is to be compared.
  using Hold = std::
      tuple<schema::Pid, schema::BootTime, schema::Fd, schema::Uid, schema::Inode, std::string>;
  struct Signature {
    std::vector<std::int64_t> sockets;  // identities, ascending
    std::vector<Hold> holders;
    std::vector<schema::NoHolderReason> reasons;  // of sockets without one

    friend bool operator==(const Signature&, const Signature&) = default;
  };
  struct Found {
    Signature signature;
    std::vector<schema::SocketIndex> sockets;
    std::optional<bool> v6only;
    bool certain = false;  // one of its sockets is no client's; it speaks for all of them
  };
  struct Known {
    Signature signature;
    schema::BootId boot;
    std::shared_ptr<const schema::Service> service;
    SharedExcerpt excerpt;
    schema::SocketIndex socket;
    schema::Seq last;
    std::shared_ptr<const schema::ServiceSet> view;  // where they looked then
  };

  static void add_socket(const schema::SnapshotView& view,
                         schema::SocketIndex index,
                         std::int64_t identity,
                         Found& place);
  [[nodiscard]] std::map<schema::Endpoint, Found> find(const SeenThings& things) const;
  void compare(const schema::Endpoint& endpoint,
               Known& known,
               const Found& found,
               const Sighting& sighting,
               const SeenThings& things,
               std::vector<TimelineEvent>& events) const;
  [[nodiscard]] std::optional<schema::Seq> find_not_before(const schema::Endpoint& endpoint,
                                                           const Sighting& sighting) const;
  void remember(const Sighting& sighting);

  Chosen chosen_;
  ViewAt view_at_;
  bool begun_ = false;
  std::map<schema::Endpoint, Known> known_;
  std::map<schema::Endpoint, schema::Seq> gone_;  // the first snapshot that did not see it
  std::vector<Sighting> trail_;  // what was looked at so far; neighbours that are equal are one
};

}  // namespace sockwitness::query
