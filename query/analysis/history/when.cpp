#include "query/analysis/history/when.h"

#include <algorithm>

#include "query/analysis/coverage.h"
#include "schema/model/snapshot.h"
#include "schema/view/forwards.h"
#include "schema/view/local_addresses.h"
#include "schema/view/owner_key.h"
#include "schema/view/services.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Seq;
using schema::SeqRange;

// A program that was not hashed is identified by its file; of one that was not read nothing is
// known.
bool may_be_same_content(const schema::Owner& left, const schema::Owner& right) {
  if (!left.program || !right.program) {
    return true;
  }
  const bool hashed = !left.program->sha256.empty() && !right.program->sha256.empty();
  return hashed ? left.program->sha256 == right.program->sha256
                : left.program->inode == right.program->inode;
}

bool may_be_same_run(const schema::Owner& left, const schema::Owner& right) {
  return schema::may_be_same(left, right) && may_be_same_content(left, right);
}

bool is_read(const schema::Owner& owner) {
  return owner.program && !schema::is_partly_unread(owner);
}

void add_lead(std::vector<LeadInterval>& leads, std::string target, const SeqRange& snapshots) {
  const auto known = std::find_if(leads.begin(), leads.end(), [&](const LeadInterval& lead) {
    return lead.leads_to == target;
  });
  if (known == leads.end()) {
    leads.push_back({std::move(target), snapshots});
  } else {
    known->seen.last = snapshots.last;
  }
}

}  // namespace

void WhenBuilder::begin_span() {
  results_.emplace_back();
  owners_.clear();
  endpoints_.clear();
  identities_.clear();
}

// An owner that a gap hides has not gone.
void WhenBuilder::close_owners(Seq seq, const schema::Visibility& visibility) {
  for (OwnerInterval& owner : results_.back().owners) {
    if (!owner.not_after && owner.seen.last < seq && !find_owner_gap(visibility, owner.owner.pid)) {
      owner.not_after = seq;
    }
  }
}

void WhenBuilder::add_owner(const schema::SnapshotView& view,
                            schema::ProcessIndex index,
                            const SeqRange& snapshots) {
  const schema::Process& process = view.process(index);
  schema::Owner owner = schema::owner_of(view, process);
  OwnerId id{view.snapshot().context.boot_id, process.pid, process.start};
  WhenInterval& result = results_.back();
  const auto [first, last] = owners_.equal_range(id);
  const auto known = std::find_if(first, last, [&](const auto& entry) {
    return may_be_same_run(result.owners[entry.second].owner, owner);
  });
  if (known == last) {
    const bool joined = !identities_.empty();  // the thing was there before
    owners_.emplace(std::move(id), result.owners.size());
    result.owners.push_back({std::move(owner),
                             snapshots,
                             joined ? std::optional(before_.last) : std::nullopt,
                             std::nullopt});
    return;
  }
  OwnerInterval& span = result.owners[known->second];
  span.seen.last = snapshots.last;
  span.not_after.reset();
  if (!is_read(span.owner) && is_read(owner)) {
    span.owner = std::move(owner);
  }
}

void WhenBuilder::add_socket(const schema::SnapshotView& view,
                             schema::SocketIndex index,
                             const SeqRange& snapshots) {
  const schema::Socket& socket = view.socket(index);
  WhenInterval& result = results_.back();
  if (!schema::is_connected(socket)) {
    for (schema::Endpoint& endpoint : schema::endpoints_of(view.snapshot(), socket)) {
      const auto [entry, is_new] =
          endpoints_.try_emplace(std::move(endpoint), result.endpoints.size());
      if (is_new) {
        result.endpoints.push_back({entry->first, socket.v6only, snapshots});
      } else {
        result.endpoints[entry->second].seen.last = snapshots.last;
      }
    }
  }
  if (schema::is_forward(socket)) {
    add_lead(result.leads, schema::lead_text(socket), snapshots);
  }
  const auto holders = view.holders(index);
  if (holders.empty()) {
    result.no_holder = socket.no_holder;
  }
  for (const schema::Holder& holder : holders) {
    add_owner(view, holder.process, snapshots);
  }
}

void WhenBuilder::add(Observation observation, const ObservedThings& things) {
  const SeqRange snapshots = observation.snapshots;
  const auto visibility = observation.visibility;
  const bool seen = !observation.places.empty();
  spans_.add(std::move(observation));
  if (!seen) {
    return;
  }
  if (spans_.current() >= results_.size()) {
    begin_span();
  }
  WhenInterval& result = results_.back();
  const schema::BootId& boot = things.view.snapshot().context.boot_id;
  const bool anew = !identities_.empty() && disjoint(identities_, things.identities);
  if (anew && boot == boot_) {
    result.restarts.push_back(snapshots.first);
  }
  for (const schema::SocketIndex index : things.sockets) {
    add_socket(things.view, index, snapshots);
  }
  for (const schema::ProcessIndex index : things.processes) {
    add_owner(things.view, index, snapshots);
  }
  close_owners(snapshots.first, *visibility);
  for (std::size_t at = 0; at < things.sockets.size(); ++at) {
    const schema::Socket& socket = things.view.socket(things.sockets[at]);
    if (!schema::is_connected(socket)) {
      continue;
    }
    const Identity& identity = things.socket_identities[at];
    if (!std::binary_search(identities_.begin(), identities_.end(), identity)) {
      result.peers.add(socket.remote_address, snapshots);
    } else {
      result.peers.prolong(socket.remote_address, snapshots.last);
    }
  }
  identities_ = things.identities;
  boot_ = boot;
  before_ = snapshots;
}

std::vector<WhenInterval> WhenBuilder::finish() {
  const std::vector<Interval> spans = spans_.finish();
  for (std::size_t at = 0; at < spans.size(); ++at) {
    WhenInterval& result = results_[at];
    result.span = spans[at];
    for (OwnerInterval& owner : result.owners) {
      if (owner.seen.first == result.span.seen.first) {
        owner.not_before = result.span.not_before;
      }
      if (owner.seen.last == result.span.seen.last) {
        owner.not_after = result.span.not_after;
      }
    }
  }
  return std::move(results_);
}

}  // namespace sockwitness::query
