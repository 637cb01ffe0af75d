#include "query/analysis/register.h"

#include <algorithm>
#include <numeric>

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::SeqRange;
using schema::Service;
using schema::ServiceSet;

// Came and went more than twice.
constexpr int kFlapping = 3;

ServiceKey key_of(const Service& service) {
  const Endpoint& endpoint = service.endpoint;
  ServiceKey key{endpoint.netns, endpoint.protocol, endpoint.port, endpoint.name, service.rpc, {}};
  if (!service.rpc.empty()) {
    key.port = schema::Port(0);
  }
  if (const schema::Owner* owner = schema::principal(service)) {
    key.owner = schema::key_of(*owner);
  }
  return key;
}

// All that people see; which sockets it has, and since when, may differ.
bool same_service(const Service& left, const Service& right) {
  return left.endpoint == right.endpoint && left.no_holder == right.no_holder &&
         left.v6only == right.v6only && left.rpc == right.rpc && left.standing == right.standing &&
         left.owners == right.owners;
}

bool same_sight(const ServiceSet& left, const ServiceSet& right) {
  return left.namespaces == right.namespaces && left.gaps == right.gaps;
}

bool same_set(const ServiceSet& left, const ServiceSet& right) {
  return same_sight(left, right) && std::equal(left.services.begin(),
                                               left.services.end(),
                                               right.services.begin(),
                                               right.services.end(),
                                               same_service);
}

std::uint32_t count(SeqRange snapshots) {
  return static_cast<std::uint32_t>(snapshots.last.value() - snapshots.first.value() + 1);
}

}  // namespace

void RegisterBuilder::keep_view(SeqRange snapshots, const ServiceSet& set) {
  if (!views_.empty() && same_sight(*views_.back().second, set)) {
    views_.back().first.last = snapshots.last;
    return;
  }
  auto view = std::make_shared<ServiceSet>();
  view->namespaces = set.namespaces;
  view->gaps = set.gaps;
  view->as_of = set.as_of;
  views_.emplace_back(snapshots, std::move(view));
}

// A service whose owner is out of sight is the one that was there before.
std::size_t RegisterBuilder::row_of(const Service& service) {
  const auto there = owners_of_.find(service.endpoint);
  if (owners_unseen(service) && there != owners_of_.end()) {
    rows_[there->second].entry.owner_unseen = true;
    return there->second;
  }
  ServiceKey key = key_of(service);
  const auto [entry, is_new] = keys_.try_emplace(key, rows_.size());
  if (is_new) {
    Row row;
    row.entry.key = std::move(key);
    row.entry.owner_unseen = owners_unseen(service);
    row.fed = Seq(all_.first.value() - 1);
    rows_.push_back(std::move(row));
  }
  Row& row = rows_[entry->second];
  row.entry.service = service;
  const RegisterPlace place{service.endpoint, service.v6only};
  auto& places = row.entry.places;
  if (std::find(places.begin(), places.end(), place) == places.end()) {
    places.push_back(place);
  }
  owners_of_[service.endpoint] = entry->second;
  return entry->second;
}

// Feeds the snapshots after `fed` up to `until`, in which the row was not seen.
void RegisterBuilder::feed_absence(Row& row, Seq until) const {
  for (const auto& [snapshots, view] : views_) {
    const SeqRange part{std::max(snapshots.first, Seq(row.fed.value() + 1)),
                        std::min(snapshots.last, until)};
    if (part.first <= part.last) {
      row.spans.add({part, {}, {}, view});
    }
  }
  row.fed = std::max(row.fed, until);
}

void RegisterBuilder::flush(Row& row) const {
  if (row.pending.view == nullptr) {
    return;
  }
  const Seq last = row.pending.snapshots.last;
  feed_absence(row, Seq(row.pending.snapshots.first.value() - 1));
  row.spans.add(std::move(row.pending));
  row.pending = {};
  row.fed = last;
}

void RegisterBuilder::see(std::size_t at, SeqRange snapshots, std::vector<Place> places) {
  Row& row = rows_[at];
  const View& view = views_.back().second;
  row.entry.snapshots += count(snapshots);
  const bool goes_on = row.pending.view == view && row.pending.places == places &&
                       row.pending.snapshots.last.value() + 1 == snapshots.first.value();
  if (goes_on) {
    row.pending.snapshots.last = snapshots.last;
    return;
  }
  flush(row);
  row.pending = {snapshots, std::move(places), {}, view};
}

void RegisterBuilder::take_change(Change change, Seq after) {
  const Service& shown = change.after ? *change.after : *change.before;
  const auto found = keys_.find(key_of(shown));
  const auto there = owners_of_.find(shown.endpoint);
  if (found == keys_.end() && there == owners_of_.end()) {
    return;  // what may be a client's port is in no entry
  }
  const std::size_t at = found != keys_.end() ? found->second : there->second;
  RegisterEntry& entry = rows_[at].entry;
  if (change.kind == ChangeKind::Restarted) {
    ++entry.restarts;
    return;
  }
  // It was there before, and has come back.
  if (change.kind == ChangeKind::NewListener && entry.snapshots > 0) {
    const int times = ++openings_[at];
    change.kind = times >= kFlapping ? ChangeKind::Flapping : ChangeKind::Reopened;
    change.severity = std::min(change.severity, Severity::Medium);
    change.why = times >= kFlapping ? "it came and went more than twice in this period"
                                    : "it was there earlier in this period and had gone";
  }
  changes_.push_back({std::move(change), all_.last, after, at});
}

void RegisterBuilder::compare(SeqRange snapshots, const ServiceSet& set) {
  Diff diff = compare_services(*previous_, set);
  for (Change& change : diff.changes) {
    take_change(std::move(change), snapshots.first);
  }
  for (NotCompared& entry : diff.not_compared) {
    const ServiceSet& side = entry.side == Side::Before ? *previous_ : set;
    RegisterBlind blind{all_.last, snapshots.first, std::nullopt, {}, entry.owners_only, {}};
    if (entry.gap) {
      blind.gap = side.gaps.at(*entry.gap);
      if (blind.gap->netns) {
        blind.netns = side.namespaces.at(blind.gap->netns->value()).label;
        blind.gap->netns.reset();
      }
    }
    blind.endpoints = std::move(entry.endpoints);
    blind_.push_back(std::move(blind));
  }
}

void RegisterBuilder::add(SeqRange snapshots, ServiceSet set) {
  if (!previous_) {
    all_ = {snapshots.first, Seq(snapshots.first.value() - 1)};
  }
  keep_view(snapshots, set);
  std::map<std::size_t, std::vector<Place>> seen;
  for (const Service& service : set.services) {
    if (service.standing == schema::Standing::Listener) {
      seen[row_of(service)].push_back({service.endpoint, std::nullopt});
    }
  }
  // Before the entries count these snapshots: what they showed earlier decides what came back.
  if (previous_ && !same_set(*previous_, set)) {
    compare(snapshots, set);
  }
  for (auto& [row, places] : seen) {
    see(row, snapshots, std::move(places));
    rows_[row].entry.at_begin = rows_[row].entry.at_begin || !previous_;
  }
  all_.last = snapshots.last;
  previous_ = std::move(set);
}

Register RegisterBuilder::finish() {
  Register result;
  for (Row& row : rows_) {
    const bool open = row.pending.view != nullptr;
    row.entry.at_end = open && row.pending.snapshots.last == all_.last;
    flush(row);
    feed_absence(row, all_.last);
    row.entry.spans = row.spans.finish();
  }
  std::vector<std::size_t> order(rows_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t at) {
    const ServiceKey& key = rows_[at].entry.key;
    return std::tie(key.protocol, key.port, key.name, key.netns, key.rpc, key.owner);
  };
  std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return rank(left) < rank(right);
  });
  std::vector<std::size_t> place(rows_.size());
  for (std::size_t at = 0; at < order.size(); ++at) {
    place[order[at]] = at;
    result.entries.push_back(std::move(rows_[order[at]].entry));
  }
  for (RegisterChange& change : changes_) {
    change.entry = place[change.entry];
  }
  result.changes = std::move(changes_);
  result.blind = std::move(blind_);
  return result;
}

}  // namespace sockwitness::query
