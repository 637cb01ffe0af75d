// The intervals in which something was there, with its owners and peers.
//
// In:    observations in order, each with the matching sockets or processes.
// Out:   spans, with their places, owners and peers and the snapshots around those.
// Never: one owner for others, or an owner that no snapshot shows.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "query/analysis/history/event_snapshot.h"
#include "query/analysis/history/identity.h"
#include "query/analysis/history/intervals.h"
#include "query/analysis/history/peer_table.h"
#include "query/analysis/owners.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

// One process that held it, while it was the same program of the same user.
struct OwnerInterval {
  schema::Owner owner;
  schema::SeqRange seen;
  std::optional<schema::Seq> not_before;  // the last snapshot before that saw the thing, not him
  std::optional<schema::Seq> not_after;   // the first one after
};

struct EndpointInterval {
  schema::Endpoint endpoint;
  std::optional<bool> v6only;
  schema::SeqRange seen;
};

// Where a port led that a NAT rule leads elsewhere.
struct LeadInterval {
  std::string leads_to;
  schema::SeqRange seen;
};

struct WhenInterval {
  Interval span;
  std::vector<EndpointInterval> endpoints;  // where it was, in the order of appearance
  std::vector<OwnerInterval> owners;        // in the order of appearance
  std::vector<LeadInterval> leads;          // likewise
  schema::NoHolderReason no_holder = schema::NoHolderReason::None;  // the last one, without owners
  std::vector<schema::Seq> restarts;  // snapshots that saw all of it anew, in the same boot
  PeerTable peers;
};

// The things that were meant in one run of snapshots.
struct ObservedThings {
  SharedEventSnapshot event_snapshot;  // as of the first of them
  const schema::SnapshotView& view;
  std::vector<schema::SocketIndex> sockets;
  std::vector<schema::ProcessIndex> processes;
  std::vector<Identity> socket_identities;  // parallel to the sockets
  std::vector<bool> brief;                  // likewise: one snapshot alone shows it
  // Of all of them, ascending; equal in two runs: the same one.
  std::vector<Identity> identities;
};

class WhenBuilder {
 public:
  void add(Observation observation, const ObservedThings& things);
  [[nodiscard]] std::vector<WhenInterval> finish();

 private:
  // One process in one boot; it may run one program after the other.
  using OwnerId = std::tuple<schema::BootId, schema::Pid, schema::BootTime>;

  void begin_span();
  void add_owner(const schema::SnapshotView& view,
                 schema::ProcessIndex index,
                 const schema::SeqRange& snapshots);
  void add_socket(const schema::SnapshotView& view,
                  schema::SocketIndex index,
                  const schema::SeqRange& snapshots);
  void close_owners(schema::Seq seq, const schema::Visibility& visibility);

  IntervalBuilder spans_;
  std::vector<WhenInterval> results_;           // parallel to the spans
  std::multimap<OwnerId, std::size_t> owners_;  // of the current span, positions in its owners
  std::map<schema::Endpoint, std::size_t> endpoints_;  // likewise
  std::vector<Identity> identities_;                   // of the run before that saw it
  schema::BootId boot_;                                // of that run
  schema::SeqRange before_;                            // that run
};

}  // namespace sockwitness::query
