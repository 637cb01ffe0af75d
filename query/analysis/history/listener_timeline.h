// Events of listeners from snapshot to snapshot: changes of services as events.
//
// In:    observations in order, without holes, each with its listening sockets.
// Out:   events: present, appeared, vanished, restarted, owner changed, exposure widened or narrowed,
//        forwarding changed.
// Never: a comparison of its own, but for whose sockets they are: see ServiceChanges.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "query/analysis/history/timeline_event.h"
#include "query/analysis/history/when.h"
#include "query/analysis/service_changes.h"

namespace sockwitness::query {

class ListenerTimeline {
 public:
  // Whether a short-lived UDP port that the kernel chose counts: it is a client's, usually.
  enum class Chosen { Leave, Take };

  // Whether the question is about this one. All others at the places of the question are followed,
  // too: what happens to one that is meant depends on the owners before and after.
  using Meant = std::function<bool(const schema::SnapshotView&, schema::SocketIndex)>;

  ListenerTimeline(Chosen chosen, Meant meant, OwnerVisibility::Source visibility)
      : chosen_(chosen), meant_(std::move(meant)), changes_(std::move(visibility)) {}

  // Appends in the order of endpoints.
  void add(const Observation& observation,
           const ObservedThings& things,
           std::vector<TimelineEvent>& events);

 private:
  // Sockets and their holders; equal in two snapshots: nothing is to be compared.
  using Hold = std::tuple<schema::Pid,
                          schema::BootTime,
                          schema::Fd,
                          schema::Uid,
                          schema::Inode,
                          std::string,
                          std::size_t>;  // of the command line
  struct Signature {
    schema::BootId boot;
    std::vector<Identity> sockets;  // ascending
    std::vector<Hold> holders;
    std::vector<schema::NoHolderReason> reasons;  // of sockets without one
    std::vector<std::string> targets;             // of rules that lead the port elsewhere

    friend bool operator==(const Signature&, const Signature&) = default;
  };
  struct Found {
    Signature signature;
    std::vector<schema::SocketIndex> sockets;
    bool certain = false;  // one of its sockets is no client's; it speaks for all of them
    bool meant = false;    // one of them is
  };
  // As the last snapshot shows it that has it.
  struct Place {
    Signature signature;
    SeenService seen;
    SharedEventSnapshot event_snapshot;
    schema::SocketIndex socket;
  };
  using Places = std::map<schema::Endpoint, Place>;
  struct MeantEvent {
    TimelineEvent event;
    bool meant = true;
  };
  using Events = std::vector<MeantEvent>;

  void add_socket(const ObservedThings& things, std::size_t at, Found& found) const;
  [[nodiscard]] std::map<schema::Endpoint, Found> find(const ObservedThings& things) const;
  [[nodiscard]] std::vector<SeenService> update_places(const ObservedThings& things,
                                                       Places& before);
  void rename_places(const StateChanges& step, const SharedEventSnapshot& now, Places& before);
  void tell(StateChanges& step, schema::Seq seq, const Places& before, Events& events) const;
  void tell_change(DatedChange& dated,
                   const StateChanges& step,
                   schema::Seq seq,
                   Events& events) const;
  void tell_reach(DatedChange& dated,
                  const StateChanges& step,
                  schema::Seq seq,
                  Events& events) const;

  Chosen chosen_;
  Meant meant_;
  ServiceChanges changes_;
  bool begun_ = false;
  Places places_;  // also of what is hidden
};

}  // namespace sockwitness::query
