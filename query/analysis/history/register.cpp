#include "query/analysis/history/register.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "query/analysis/coverage.h"
#include "query/analysis/history/recurrence.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::SeqRange;
using schema::Service;
using schema::ServiceSet;

ServiceKey key_of(const Service& service) {
  const Endpoint& endpoint = service.endpoint;
  ServiceKey key{.netns = endpoint.netns,
                 .protocol = endpoint.protocol,
                 .port = endpoint.port,
                 .name = endpoint.name,
                 .rpc = service.rpc,
                 .owner = {}};
  if (!service.rpc.empty()) {
    key.port = schema::Port(0);
  }
  if (const schema::Owner* owner = schema::principal(service)) {
    key.owner = schema::key_of(*owner);
  }
  return key;
}

// Both in one row, each snapshot once. Observations of one snapshot share its visibility.
std::vector<Observation> join_observations(std::vector<Observation> left,
                                           std::vector<Observation> right) {
  std::set<std::int64_t> bounds;
  for (const auto* side : {&left, &right}) {
    for (const Observation& each : *side) {
      bounds.insert({each.snapshots.first.value(), each.snapshots.last.value() + 1});
    }
  }
  std::map<std::int64_t, Observation> joined;
  for (auto* side : {&left, &right}) {
    for (const Observation& each : *side) {
      auto bound = bounds.find(each.snapshots.first.value());
      while (*bound <= each.snapshots.last.value()) {
        const std::int64_t first = *bound++;
        Observation& part = joined[first];
        part.snapshots = {Seq(first), Seq(*bound - 1)};
        part.visibility = each.visibility;
        part.places.insert(part.places.end(), each.places.begin(), each.places.end());
      }
    }
  }
  std::vector<Observation> observations;
  for (auto& [first, part] : joined) {
    observations.push_back(std::move(part));
  }
  return observations;
}

void add_place(RegisterEntry& entry, const RegisterEntry& from, const Endpoint& endpoint) {
  for (const RegisterPlace& place : from.places) {
    const bool known =
        std::find(entry.places.begin(), entry.places.end(), place) != entry.places.end();
    if (place.endpoint == endpoint && !known) {
      entry.places.push_back(place);
    }
  }
}

bool share_port(const Endpoint& left, const Endpoint& right) {
  return std::tie(left.netns, left.protocol, left.port, left.name) ==
         std::tie(right.netns, right.protocol, right.port, right.name);
}

std::uint32_t count(SeqRange snapshots) {
  return static_cast<std::uint32_t>(snapshots.last.value() - snapshots.first.value() + 1);
}

}  // namespace

void RegisterBuilder::put_at(const Endpoint& endpoint, std::size_t row) {
  take_away(endpoint);
  owners_of_[endpoint] = row;
  ++rows_[row].places;
}

void RegisterBuilder::take_away(const Endpoint& endpoint) {
  const auto there = owners_of_.find(endpoint);
  if (there == owners_of_.end()) {
    return;
  }
  Row& row = rows_[there->second];
  if (--row.places == 0) {
    row.earlier = row.observations.size();
  }
  owners_of_.erase(there);
}

// The owner at the place of `from` is known by now: it was `to` since it was opened.
void RegisterBuilder::take_over(std::size_t from, std::size_t to) {
  Row& unseen = rows_[from];
  Row& row = rows_[to];
  const auto begin = unseen.observations.begin() + static_cast<std::ptrdiff_t>(unseen.earlier);
  if (begin != unseen.observations.end()) {
    const Seq since = begin->snapshots.first;
    for (RegisterChange& change : changes_) {
      if (change.entry == from && change.after >= since) {
        change.entry = to;
      }
    }
    row.entry.owner_unseen = true;
    row.entry.restarts += unseen.entry.restarts;
    row.observations =
        join_observations(std::move(row.observations), {begin, unseen.observations.end()});
    unseen.observations.erase(begin, unseen.observations.end());
  }
  for (auto& [endpoint, there] : owners_of_) {
    if (there == from) {
      there = to;
      ++row.places;
      add_place(row.entry, unseen.entry, endpoint);
    }
  }
  unseen.places = 0;
}

// The owner before may still be one: gaps hide whether it is.
bool RegisterBuilder::may_stay(const Row& row, const Service& service, const ServiceSet& set) {
  if (owners_unseen(service)) {
    return true;
  }
  const schema::Owner* owner = schema::principal(row.entry.service);
  const schema::Owner* now = schema::principal(service);
  if (owner == nullptr || now == nullptr) {
    return false;
  }
  if (owners_doubtful(service)) {
    return schema::may_be_same(*owner, *now);
  }
  const bool seen =
      std::any_of(service.owners.begin(), service.owners.end(), [&](const schema::Owner& each) {
        return each.pid == owner->pid || schema::may_be_same(each, *owner);
      });
  return owner->pid && !seen && find_owner_gap(set, owner->pid);
}

// Its principal owner was hidden then, and the one before is still there.
bool RegisterBuilder::came_into_sight(const Row& row, const Service& service) const {
  const schema::Owner* before = schema::principal(row.entry.service);
  const schema::Owner* now = schema::principal(service);
  return before != nullptr && now != nullptr && now->pid && !states_.runs().empty() &&
         find_owner_gap(*states_.runs().back().visibility, now->pid) &&
         std::any_of(service.owners.begin(), service.owners.end(), [&](const schema::Owner& each) {
           return each.pid == before->pid && schema::may_be_same(each, *before);
         });
}

// A service whose owner is hidden is the one that is there.
std::size_t RegisterBuilder::row_of(const Service& service, const ServiceSet& set) {
  const bool unseen = owners_doubtful(service);
  const auto there = owners_of_.find(service.endpoint);
  const auto present = there == owners_of_.end() ? std::nullopt : std::optional(there->second);
  if (present && may_stay(rows_[*present], service, set)) {
    rows_[*present].entry.owner_unseen = true;
    return *present;
  }
  ServiceKey key = key_of(service);
  const auto [entry, is_new] = keys_.try_emplace(key, rows_.size());
  const std::size_t at = entry->second;
  if (is_new) {
    Row row;
    row.entry.key = std::move(key);
    row.entry.owner_unseen = unseen;
    rows_.push_back(std::move(row));
  }
  const bool was_hidden = present && *present != at && came_into_sight(rows_[*present], service);
  if (!unseen && present && *present != at && (!rows_[*present].identified || was_hidden)) {
    take_over(*present, at);
  } else if (present && *present != at && !rows_[*present].observations.empty()) {
    const Row& other = rows_[*present];
    turnovers_.push_back({other.entry.service, service, other.observations.back().snapshots.last});
    turnovers_.back().before.endpoint = service.endpoint;
  }
  Row& row = rows_[at];
  row.identified = row.identified || !unseen;
  row.entry.service = service;
  const RegisterPlace place{service.endpoint, service.v6only};
  auto& places = row.entry.places;
  if (std::find(places.begin(), places.end(), place) == places.end()) {
    places.push_back(place);
  }
  put_at(service.endpoint, at);
  return at;
}

void RegisterBuilder::see(std::size_t at, SeqRange snapshots, std::vector<Place> places) {
  auto& observations = rows_[at].observations;
  const auto& visibility = states_.runs().back().visibility;
  const bool goes_on = !observations.empty() && observations.size() > rows_[at].earlier &&
                       observations.back().visibility == visibility &&
                       observations.back().places == places &&
                       observations.back().snapshots.last.value() + 1 == snapshots.first.value();
  if (goes_on) {
    observations.back().snapshots.last = snapshots.last;
  } else {
    observations.push_back({snapshots, std::move(places), {}, visibility});
  }
}

// It was there before, and has come back.
void RegisterBuilder::tell_return(std::size_t row, Change& change, schema::WallTime now) const {
  const schema::WallTime since = std::max(begin_, schema::WallTime{now.microseconds - kFlappingUs});
  Recurrence recurrence{.endpoint = change.endpoint,
                        .earlier = {},
                        .came = 1,
                        .went = 0,
                        .since = since,
                        .only = std::nullopt};
  for (std::size_t at = changes_.size(); at > 0 && times_[at - 1] >= since; --at) {
    const RegisterChange& other = changes_[at - 1];
    const ChangeKind kind = other.change.kind;
    const bool came = kind == ChangeKind::NewListener || kind == ChangeKind::Reopened ||
                      kind == ChangeKind::Flapping;
    recurrence.came += other.entry == row && came ? 1U : 0U;
    recurrence.went += other.entry == row && kind == ChangeKind::VanishedService ? 1U : 0U;
  }
  const bool flapping = is_flapping(recurrence);
  change.kind = flapping ? ChangeKind::Flapping : ChangeKind::Reopened;
  change.severity = std::min(change.severity, Severity::Medium);
  change.why =
      flapping ? flapping_words(recurrence) : "it was there earlier in this period and had gone";
}

void RegisterBuilder::take_change(DatedChange dated, Seq after, schema::WallTime now) {
  Change& change = dated.change;
  const Service& shown = change.after ? *change.after : *change.before;
  const auto found = keys_.find(key_of(shown));
  const auto there = owners_of_.find(shown.endpoint);
  if (found == keys_.end() && there == owners_of_.end()) {
    return;  // what may be a client's port is in no entry
  }
  // Where the owner is hidden: the one that is taken to be there.
  const bool by_place =
      there != owners_of_.end() && (found == keys_.end() || owners_doubtful(shown));
  const std::size_t at = by_place ? there->second : found->second;
  RegisterEntry& entry = rows_[at].entry;
  if (change.kind == ChangeKind::Restarted) {
    ++entry.restarts;
    return;
  }
  if (change.kind == ChangeKind::NewListener && !rows_[at].observations.empty()) {
    tell_return(at, change, now);
  }
  times_.push_back(now);
  changes_.push_back({std::move(change), dated.before, after, at});
}

// Another owner is seen than before, and may have been hidden all along: one entry ends and another
// begins, so there is a row; that the owner changed is not claimed.
void RegisterBuilder::add_turnovers(StateChanges& step) {
  for (Turnover& turnover : turnovers_) {
    const Endpoint& place = turnover.after.endpoint;
    const bool known =
        std::any_of(step.changes.begin(), step.changes.end(), [&](const DatedChange& each) {
          return each.change.endpoint == place && each.change.kind != ChangeKind::Restarted;
        });
    if (!known) {
      step.changes.push_back(
          {{ChangeKind::OwnerChanged,
            Severity::Info,
            place,
            std::move(turnover.before),
            std::move(turnover.after),
            "another owner is seen; it may have been there before, out of sight"},
           turnover.last});
    }
  }
  turnovers_.clear();
}

// Services that went while their owner can be reached as before at the port, or that were taken for
// another one that could not be compared.
void RegisterBuilder::add_departures(StateChanges& step) {
  const std::size_t compared = step.changes.size();
  for (const Departure& departure : step.gone) {
    const bool known = std::any_of(
        step.changes.begin(),
        step.changes.begin() + static_cast<std::ptrdiff_t>(compared),
        [&](const DatedChange& each) {
          return each.change.before && share_port(each.change.before->endpoint, departure.endpoint);
        });
    if (known || !departure.certain || departure.service->standing != schema::Standing::Listener) {
      continue;
    }
    const ServiceSet none;
    for (Change& change : compare_sides({none, {departure.service.get()}}, {none, {}}).changes) {
      step.changes.push_back({std::move(change), departure.last});
    }
  }
}

void RegisterBuilder::add(SeqRange snapshots, ServiceSet set) {
  std::map<std::size_t, std::vector<Place>> seen;
  std::vector<std::pair<std::size_t, Endpoint>> rows;
  for (const Service& service : set.services) {
    if (service.standing == schema::Standing::Listener) {
      rows.emplace_back(row_of(service, set), service.endpoint);
    }
  }
  for (auto& [row, endpoint] : rows) {
    seen[row].push_back({std::move(endpoint), std::nullopt});
  }
  const schema::WallTime now = set.as_of;
  begin_ = all_ ? begin_ : now;
  // Before the rows get these snapshots: what they showed earlier decides what came back.
  StateChanges step = states_.add(snapshots, std::move(set));
  add_departures(step);
  add_turnovers(step);
  for (DatedChange& change : step.changes) {
    take_change(std::move(change), snapshots.first, now);
  }
  std::move(step.blind.begin(), step.blind.end(), std::back_inserter(blind_));
  for (const auto& [from, to] : step.renamed) {
    take_away(from);
  }
  for (const Departure& departure : step.gone) {
    take_away(departure.endpoint);
  }
  for (auto& [row, places] : seen) {
    see(row, snapshots, std::move(places));
  }
  all_ = {all_ ? all_->first : snapshots.first, snapshots.last};
}

// Its intervals: from snapshots that show it and snapshots that prove its absence.
void RegisterBuilder::finish_row(Row& row) const {
  IntervalBuilder spans;
  RegisterEntry& entry = row.entry;
  for (const Place& place : row.observations.back().places) {
    const auto known =
        std::find_if(entry.places.rbegin(), entry.places.rend(), [&](const RegisterPlace& each) {
          return each.endpoint == place.endpoint;
        });
    if (known != entry.places.rend()) {
      entry.last_places.push_back(*known);
    }
  }
  entry.at_begin = row.observations.front().snapshots.first == all_->first;
  entry.at_end = row.observations.back().snapshots.last == all_->last;
  auto run = states_.runs().begin();
  Seq next = all_->first;
  const auto feed_absence = [&](Seq until) {
    while (next <= until) {
      const Seq last = std::min(run->snapshots.last, until);
      spans.add({{next, last}, {}, {}, run->visibility});
      next = Seq(last.value() + 1);
      run += next > run->snapshots.last ? 1 : 0;
    }
  };
  for (Observation& observation : row.observations) {
    entry.snapshots += count(observation.snapshots);
    feed_absence(Seq(observation.snapshots.first.value() - 1));
    next = Seq(observation.snapshots.last.value() + 1);
    while (run != states_.runs().end() && run->snapshots.last < next) {
      ++run;
    }
    spans.add(std::move(observation));
  }
  feed_absence(all_->last);
  entry.spans = spans.finish();
}

Register RegisterBuilder::finish() {
  Register result;
  std::vector<std::size_t> order;
  for (std::size_t at = 0; at < rows_.size(); ++at) {
    // One that was never seen is by now known to be another.
    if (!rows_[at].observations.empty()) {
      finish_row(rows_[at]);
      order.push_back(at);
    }
  }
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
