#include "query/read/service_runs.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "query/read/observations.h"
#include "schema/view/blind_spot.h"
#include "schema/view/replaced_ports.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

using schema::Persistence;
using schema::Protocol;

Filter listeners() {
  Filter filter;
  filter.breadth = Breadth::Listening;
  filter.protocols = {Protocol::Tcp,
                      Protocol::Udp,
                      Protocol::UdpLite,
                      Protocol::Sctp,
                      Protocol::Mptcp,
                      Protocol::Dccp,
                      Protocol::Vsock};
  return filter;
}

// What one range showed, kept until the next one tells which of its ports stayed.
struct Held {
  schema::SeqRange snapshots;
  schema::Snapshot snapshot;
  std::vector<Identity> identities;  // parallel to its sockets
};

class KnownSockets {
 public:
  // The inode is no other socket's within a boot, and one table tells it without the cookie.
  [[nodiscard]] bool contains(const Identity& identity) const {
    return identities_.contains(identity) ||
           (identity.inode != 0 && inodes_.contains({identity.boot, identity.inode}));
  }
  void insert(const std::vector<Identity>& identities) {
    for (const Identity& identity : identities) {
      identities_.insert(identity);
      inodes_.insert({identity.boot, identity.inode});
    }
  }

 private:
  std::set<Identity> identities_;
  std::set<std::pair<std::uint32_t, std::uint64_t>> inodes_;
};

class ServiceRuns {
 public:
  ServiceRuns(const VisitServices& visit, Hindsight hindsight)
      : visit_(visit), hindsight_(hindsight) {}

  void add(schema::SeqRange snapshots, const ObservedThings& things) {
    Held held{snapshots, things.view.snapshot(), {}};
    held.identities.assign(held.snapshot.sockets.size(), Identity());
    for (std::size_t at = 0; at < things.sockets.size(); ++at) {
      held.identities[things.sockets[at].value()] = things.socket_identities[at];
    }
    if (hindsight_ == Hindsight::Leave) {
      tell_as_known_then(std::move(held));
      return;
    }
    KnownSockets now;
    now.insert(held.identities);
    if (held_) {
      tell(now);
    }
    held_ = std::move(held);
  }

  void finish() {
    if (held_) {
      tell({});
    }
  }

 private:
  // The first snapshot by what was before it, the others by the first one.
  void tell_as_known_then(Held held) {
    const schema::SeqRange all = held.snapshots;
    held.snapshots.last = all.first;
    held_ = std::move(held);
    tell({});
    if (all.first < all.last) {
      held_->snapshots = {schema::Seq(all.first.value() + 1), all.last};
      tell({});
    }
    held_.reset();
  }

  // A socket stays when more than one snapshot has it.
  void tell(const KnownSockets& after) {
    const bool long_enough =
        hindsight_ == Hindsight::Use && held_->snapshots.first < held_->snapshots.last;
    std::vector<Persistence> stays;
    for (const Identity& identity : held_->identities) {
      const bool stays_on = long_enough || before_.contains(identity) || after.contains(identity);
      stays.push_back(stays_on ? Persistence::Lasting : Persistence::Passing);
    }
    schema::ServiceSet set = schema::collect_services(schema::SnapshotView(held_->snapshot), stays);
    if (previous_ && schema::may_have_replaced_ports(set)) {
      schema::promote_replaced_ports(set, *previous_);
    }
    previous_ = set;
    visit_(held_->snapshots, std::move(set));
    // What was hidden may have been there all the time: it is known when it is seen again.
    const auto& gaps = held_->snapshot.gaps;
    if (std::none_of(gaps.begin(), gaps.end(), schema::hides_sockets)) {
      before_ = {};
    }
    before_.insert(held_->identities);
  }

  const VisitServices& visit_;
  Hindsight hindsight_;
  std::optional<Held> held_;
  std::optional<schema::ServiceSet> previous_;
  KnownSockets before_;  // sockets that were seen last before `held_`
};

}  // namespace

void visit_services(History& history,
                    const Moments& moments,
                    schema::SeqRange range,
                    schema::Seq latest,
                    const OnProgress& on_progress,
                    const VisitServices& visit,
                    Hindsight hindsight) {
  ObservationReader reader(history, moments, range, latest, on_progress);
  ServiceRuns runs(visit, hindsight);
  reader.visit_sockets(listeners(),
                       [&](const Observation& observation, const ObservedThings& things) {
                         runs.add(observation.snapshots, things);
                       });
  runs.finish();
}

Register read_register(History& history,
                       const Moments& moments,
                       schema::SeqRange range,
                       schema::Seq latest,
                       const OnProgress& on_progress) {
  RegisterBuilder builder;
  visit_services(history,
                 moments,
                 range,
                 latest,
                 on_progress,
                 [&](schema::SeqRange snapshots, schema::ServiceSet set) {
                   builder.add(snapshots, std::move(set));
                 });
  return builder.finish();
}

}  // namespace sockwitness::query
