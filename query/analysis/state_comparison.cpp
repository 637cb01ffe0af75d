#include "query/analysis/state_comparison.h"

#include <algorithm>
#include <utility>

#include "query/analysis/coverage.h"
#include "query/analysis/owners.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::Service;
using schema::ServiceSet;
using schema::Standing;
using schema::Visibility;
using Verdict = OwnerComparison::Verdict;

// What is compared is known to both sides: nothing of it is hidden.
ServiceSet clear_frame(const ServiceState& state) {
  ServiceSet frame;
  frame.as_of = state.as_of;
  frame.ephemeral_first = state.ephemeral_first;
  frame.ephemeral_last = state.ephemeral_last;
  return frame;
}

SharedService with_v6only(const Service& service, std::optional<bool> v6only) {
  auto changed = std::make_shared<Service>(service);
  changed->v6only = v6only;
  return changed;
}

// As `now`, but for its owners.
SharedService with_owners_of(const Service& now, const Service& known) {
  auto service = std::make_shared<Service>(now);
  service->owners = known.owners;
  service->no_holder = known.no_holder;
  return service;
}

// Of an observation of the place: what the last one says of the place itself.
SharedService at_place_of(const SharedService& service,
                          const KnownService& known,
                          const Endpoint& endpoint) {
  const auto& last = known.seen.service;
  const auto& v6only = known.state.service->v6only;
  if (service->endpoint == endpoint && service->standing == last->standing &&
      service->v6only == v6only) {
    return service;
  }
  auto placed = std::make_shared<Service>(*service);
  placed->endpoint = endpoint;
  placed->standing = last->standing;
  placed->v6only = v6only;
  return placed;
}

ShownService shown_by(const OwnerObservation& observation, OwnerVisibility& visibility) {
  return {observation.service,
          observation.meant,
          visibility.at(observation.seq),
          observation.as_of,
          observation.seq};
}

}  // namespace

void StateComparison::hide_owners(const Endpoint& endpoint,
                                  const Service& before,
                                  const Service& now) {
  if (before.standing > Standing::Unknown || now.standing != Standing::Listener) {
    return;
  }
  const bool after_unseen = owners_unseen(now) && !owners_unseen(before);
  const Visibility& visibility = after_unseen ? *state_.visibility : *previous_.visibility;
  blind_[{after_unseen ? Side::After : Side::Before,
          true,
          find_owner_gap(visibility, std::nullopt)}]
      .push_back(endpoint);
}

void StateComparison::compare_known(const Endpoint& endpoint,
                                    const KnownService& known,
                                    const SeenService& now) {
  if (known.hidden && now.service->standing == Standing::Listener) {
    const auto gap =
        find_gap_before(*previous_.visibility, previous_.as_of, *state_.visibility, *now.service);
    if (gap) {
      blind_[{Side::Before, false, gap}].push_back(endpoint);
    }
  }
  if (known.seen.service == now.service) {
    if (!known.hidden && owners_doubtful(*now.service)) {
      hide_owners(endpoint, *now.service, *now.service);
    }
    before_.push_back(&known.state);
    after_.push_back(known.state.service.get());
    return;
  }
  SharedService after = now.service;
  if (!after->v6only && known.state.service->v6only) {
    after = with_v6only(*after, known.state.service->v6only);
  }
  result_.altered.push_back({endpoint, known.state.service, after, known.state.meant, known.last});
  const auto judged = known.owners.judge(*after, visibility_);
  const bool by_neighbour = judged && judged->observation.seq == previous_.snapshots.last;
  if (!by_neighbour && !known.hidden &&
      compare_owners(*previous_.visibility, *known.seen.service, *now.service).verdict ==
          Verdict::Unseen) {
    hide_owners(endpoint, *known.seen.service, *now.service);
  }
  const bool changed = judged && judged->changed();
  // While its owners are hidden, they are taken to be those that were seen last.
  const bool carried = !changed && owners_unseen(*after) && !owners_unseen(*known.state.service);
  ShownService before = known.state;
  if (judged && (changed || (known.carried && !carried))) {
    before = shown_by(judged->observation, visibility_);
  }
  const bool known_earlier =
      judged && !changed && !carried && !known.carried && judged->observation.seq != before.seq &&
      compare_owners(*before.visibility, *before.service, *after).verdict == Verdict::Unseen;
  if (known_earlier) {
    owners_.push_back(shown_by(judged->observation, visibility_));
  }
  if (judged && !carried && judged->observation.seq == before.seq) {
    before.owners = judged->comparison;
  }
  before.observed = std::exchange(before.service, at_place_of(before.service, known, endpoint));
  ShownService next{after, now.meant, state_.visibility, state_.as_of, state_.snapshots.last};
  if (carried) {
    next = known.state;
    next.service = with_owners_of(*after, *known.state.service);
    carried_.push_back(endpoint);
  }
  after_.push_back(next.service.get());
  before_.push_back(&made_.emplace_back(std::move(before)));
  next_.emplace(endpoint, std::move(next));
}

// Gone, if its place could be seen.
void StateComparison::compare_missing(const Endpoint& endpoint, KnownService& known) {
  const Service& service = *known.state.service;
  if (const auto gap = find_covering_gap(*state_.visibility, endpoint)) {
    if (service.standing > Standing::Unknown) {
      forgotten_.push_back(endpoint);
      return;
    }
    if (!known.hidden && service.standing == Standing::Listener) {
      blind_[{Side::After, false, gap}].push_back(endpoint);
    }
    known.hidden = true;
    before_.push_back(&known.state);
    after_.push_back(&service);
    return;
  }
  const auto label = find_label_gap(*known.state.visibility, endpoint);
  result_.gone.push_back({endpoint, known.last, known.state.service, known.state.meant, !label});
  ShownService before = known.state;
  before.seq = known.last;
  before_.push_back(&made_.emplace_back(std::move(before)));
}

void StateComparison::compare_fresh(const SeenService& now) {
  const Service& service = *now.service;
  const auto find_last_without = [&](const auto& hides) -> std::optional<Seq> {
    const VisibilityRun* run =
        runs_.find_last([&](const VisibilityRun& earlier) { return !hides(earlier); });
    return run == nullptr ? std::nullopt : std::optional(run->snapshots.last);
  };
  result_.came.push_back({service.endpoint, find_last_without([&](const VisibilityRun& run) {
                            return find_gap_before(
                                *run.visibility, *state_.visibility, service.endpoint);
                          })});
  after_.push_back(&service);
  const auto next = next_.emplace(
      service.endpoint,
      ShownService{now.service, now.meant, state_.visibility, state_.as_of, state_.snapshots.last});
  const auto gap =
      find_gap_before(*previous_.visibility, previous_.as_of, *state_.visibility, service);
  if (!gap) {
    fresh_.emplace(service.endpoint, previous_.snapshots.last);
    return;
  }
  if (service.standing == Standing::Listener) {
    blind_[{Side::Before, false, gap}].push_back(service.endpoint);
    const auto last = find_last_without([&](const VisibilityRun& run) {
      return find_gap_before(*run.visibility, run.as_of, *state_.visibility, service);
    });
    if (last) {
      fresh_.emplace(service.endpoint, *last);
      return;
    }
  }
  // No snapshot could see whether it was there.
  before_.push_back(&next.first->second);
}

const ShownService* StateComparison::find_before(const Endpoint& endpoint) const {
  const auto found = std::lower_bound(before_.begin(),
                                      before_.end(),
                                      endpoint,
                                      [](const ShownService* shown, const Endpoint& wanted) {
                                        return shown->service->endpoint < wanted;
                                      });
  return found != before_.end() && (*found)->service->endpoint == endpoint ? *found : nullptr;
}

// Of a reach: the first of its places that came, went or takes IPv4 as it did not.
Seq StateComparison::date_of_places(const Change& change) const {
  std::optional<Seq> date;
  const auto take = [&](Seq seq) { date = std::min(date.value_or(seq), seq); };
  for (const Endpoint& place : change.places) {
    if (const auto fresh = fresh_.find(place); fresh != fresh_.end()) {
      take(fresh->second);
    }
    const auto known = known_.find(place);
    if (known == known_.end()) {
      continue;
    }
    const auto next = next_.find(place);
    const bool altered =
        next != next_.end() && next->second.service->v6only != known->second.state.service->v6only;
    if (altered || find_service(after_, place) == nullptr) {
      take(known->second.last);
    }
  }
  return date.value_or(previous_.snapshots.last);
}

// The last snapshot that shows the state before a change.
Seq StateComparison::date(const Change& change) const {
  if (!change.places.empty()) {
    return date_of_places(change);
  }
  std::optional<Seq> date;
  if (const ShownService* shown = change.before ? find_before(change.before->endpoint) : nullptr) {
    date = shown->seq;
  }
  if (change.after) {
    const auto fresh = fresh_.find(change.after->endpoint);
    if (fresh != fresh_.end()) {
      date = std::min(date.value_or(fresh->second), fresh->second);
    }
  }
  return date.value_or(previous_.snapshots.last);
}

bool StateComparison::is_meant(const Endpoint& endpoint) const {
  const auto next = next_.find(endpoint);
  const auto known = known_.find(endpoint);
  return next != next_.end() ? next->second.meant
                             : known != known_.end() && known->second.state.meant;
}

void StateComparison::compare_sides_of_all() {
  const ServiceSet frame = clear_frame(state_);
  ComparedSide before{frame, {}, {}};
  for (const ShownService* shown : before_) {
    before.services.push_back(shown->service.get());
    before.seen_at.push_back(
        {shown->visibility.get(), shown->as_of, shown->owners ? &*shown->owners : nullptr});
  }
  Diff diff = compare_sides(before, {frame, after_});
  for (Change& change : diff.changes) {
    const Seq seq = date(change);
    const ShownService* shown = change.before ? find_before(change.before->endpoint) : nullptr;
    const bool stays = change.after && change.places.empty() && change.before &&
                       change.before->endpoint == change.after->endpoint;
    if (shown != nullptr && stays && shown->observed) {
      change.before = *shown->observed;
    }
    const bool after_meant = change.after && is_meant(change.after->endpoint);
    result_.changes.push_back(
        {std::move(change), seq, shown != nullptr && shown->meant, after_meant});
  }
  for (const NotCompared& entry : diff.not_compared) {
    const Visibility& visibility =
        entry.side == Side::Before ? *previous_.visibility : *state_.visibility;
    for (const Endpoint& endpoint : entry.endpoints) {
      // Owners of a service that stays at its place: see compare_known().
      if (!entry.owners_only || !known_.contains(endpoint)) {
        const auto gap = entry.owners_only ? find_owner_gap(visibility, std::nullopt)
                                           : find_label_gap(visibility, endpoint);
        blind_[{entry.side, entry.owners_only, gap}].push_back(endpoint);
      }
    }
  }
}

// Where the state before hides owners and an earlier one shows them; all else of the service is
// compared with the state before.
void StateComparison::compare_earlier_owners() {
  const ServiceSet frame = clear_frame(state_);
  for (const ShownService& shown : owners_) {
    const ComparedSide before{
        frame, {shown.service.get()}, {{shown.visibility.get(), shown.as_of, nullptr}}};
    const Service* after = find_service(after_, shown.service->endpoint);
    for (Change& change : compare_sides(before, {frame, {after}}).changes) {
      if (change.kind == ChangeKind::OwnerChanged) {
        result_.changes.push_back({std::move(change), shown.seq, shown.meant, true});
      }
    }
  }
}

void StateComparison::add_blind() {
  for (auto& [key, endpoints] : blind_) {
    const auto& [side, owners_only, gap] = key;
    const Visibility& visibility =
        side == Side::Before ? *previous_.visibility : *state_.visibility;
    UncomparedStates entry{.before = previous_.snapshots.last,
                           .after = state_.snapshots.first,
                           .gap = std::nullopt,
                           .netns = {},
                           .owners_only = owners_only,
                           .endpoints = {}};
    if (gap) {
      entry.gap = visibility.gaps.at(*gap);
      if (entry.gap->netns) {
        entry.netns = visibility.namespaces.at(entry.gap->netns->value()).label;
        entry.gap->netns.reset();
      }
    }
    entry.endpoints = std::move(endpoints);
    result_.blind.push_back(std::move(entry));
  }
}

void StateComparison::update_known() {
  for (const Departure& departure : result_.gone) {
    known_.erase(departure.endpoint);
  }
  for (const Endpoint& endpoint : forgotten_) {
    known_.erase(endpoint);
  }
  for (auto& [endpoint, next] : next_) {
    KnownService& known = known_[endpoint];
    known.state = std::move(next);
    known.carried = false;
  }
  for (const Endpoint& endpoint : carried_) {
    known_.at(endpoint).carried = true;
  }
  for (const DatedChange& each : result_.changes) {
    const auto known = known_.find(each.change.endpoint);
    if (each.change.kind == ChangeKind::OwnerChanged && known != known_.end()) {
      known->second.owners.forget();
    }
  }
}

void StateComparison::run() {
  auto known = known_.begin();
  auto now = state_.services.begin();
  while (known != known_.end() || now != state_.services.end()) {
    const bool only_known = now == state_.services.end() ||
                            (known != known_.end() && known->first < now->service->endpoint);
    if (only_known) {
      compare_missing(known->first, known->second);
      ++known;
    } else if (known == known_.end() || now->service->endpoint < known->first) {
      compare_fresh(*now);
      ++now;
    } else {
      compare_known(known->first, known->second, *now);
      ++known;
      ++now;
    }
  }
  compare_sides_of_all();
  compare_earlier_owners();
  add_blind();
  update_known();
}

}  // namespace sockwitness::query
