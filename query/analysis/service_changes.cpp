#include "query/analysis/service_changes.h"

#include <algorithm>
#include <utility>

#include "query/analysis/coverage.h"
#include "query/analysis/owners.h"
#include "query/analysis/renames.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::Service;
using schema::ServiceSet;
using schema::Standing;
using schema::Visibility;

// What is compared is known to both sides: nothing of it is hidden.
ServiceSet clear_frame(const ServiceState& ports) {
  ServiceSet frame;
  frame.as_of = ports.as_of;
  frame.ephemeral_first = ports.ephemeral_first;
  frame.ephemeral_last = ports.ephemeral_last;
  return frame;
}

bool is_unknown_device(const SeenService& each) {
  return each.service->device_unknown;
}

// All that people see; which sockets it has, and since when, may differ.
bool same_service(const Service& left, const Service& right) {
  return left.endpoint == right.endpoint && left.no_holder == right.no_holder &&
         left.v6only == right.v6only && left.rpc == right.rpc && left.standing == right.standing &&
         left.owners == right.owners && left.leads_to == right.leads_to;
}

bool shows_same(const ServiceState& left, const ServiceState& right) {
  return left.services == right.services &&
         (left.visibility == right.visibility || *left.visibility == *right.visibility);
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

}  // namespace

ServiceChanges::ServiceChanges()
    : visibility_({[this](Seq seq) {
                     return runs_
                         .find_last(
                             [seq](const VisibilityRun& run) { return run.snapshots.first <= seq; })
                         ->visibility;
                   },
                   [](const schema::SeqRange& snapshots) { return std::vector{snapshots.last}; }}) {
}

Services ServiceChanges::known_services() const {
  Services services;
  for (const auto& [endpoint, known] : known_) {
    services.push_back(known.state.service.get());
  }
  return services;
}

// The same place by another name, or with what was not told of it before.
void ServiceChanges::rename(const Endpoint& from, const Endpoint& to, Step& step) {
  if (known_.contains(to)) {
    return;
  }
  auto node = known_.extract(from);
  auto& known = node.mapped();
  auto service = std::make_shared<Service>(*known.state.service);
  service->endpoint = to;
  known.state.service = std::move(service);
  known.seen.service = nullptr;  // compared with whatever comes
  node.key() = to;
  known_.insert(std::move(node));
  step.renamed.emplace(from, to);
}

void ServiceChanges::take_labels(const ServiceState& state, Step& step) {
  if (previous_->visibility->namespaces == state.visibility->namespaces) {
    return;
  }
  Services now;
  for (const SeenService& each : state.services) {
    now.push_back(each.service.get());
  }
  const auto labels =
      find_renamed_namespaces(*previous_->visibility, known_services(), *state.visibility, now);
  for (const auto& [old, label] : labels) {
    std::vector<Endpoint> places;
    for (const auto& [endpoint, known] : known_) {
      if (endpoint.netns == old) {
        places.push_back(endpoint);
      }
    }
    for (const Endpoint& place : places) {
      Endpoint renamed = place;
      renamed.netns = label;
      rename(place, renamed, step);
    }
    const auto shown = std::find_if(
        now.begin(), now.end(), [&](const Service* each) { return each->endpoint.netns == label; });
    if (shown != now.end()) {
      step.changes.push_back({renamed_namespace(**shown, old), previous_->snapshots.last});
    }
  }
}

// What one side does not tell is as the other one says.
void ServiceChanges::complete(ServiceState& state, Step& step) {
  const bool unknown = std::any_of(state.services.begin(), state.services.end(), is_unknown_device);
  if (unknown) {
    const Services known = known_services();
    for (SeenService& each : state.services) {
      if (auto place = find_bound_place(*each.service, known)) {
        auto service = std::make_shared<Service>(*each.service);
        service->endpoint = std::move(*place);
        each.service = std::move(service);
      }
    }
    std::sort(state.services.begin(),
              state.services.end(),
              [](const SeenService& left, const SeenService& right) {
                return left.service->endpoint < right.service->endpoint;
              });
  }
  Services now;
  std::map<Endpoint, Endpoint> bound;
  for (const auto& [endpoint, known] : known_) {
    if (!known.state.service->device_unknown) {
      continue;
    }
    if (now.empty()) {
      for (const SeenService& each : state.services) {
        now.push_back(each.service.get());
      }
    }
    if (auto place = find_bound_place(*known.state.service, now)) {
      bound.emplace(endpoint, std::move(*place));
    }
  }
  for (const auto& [from, to] : bound) {
    rename(from, to, step);
  }
}

// Of an observation of the place: what the last one says of the place itself.
SharedService ServiceChanges::at_place_of(const SharedService& service,
                                          const Known& known,
                                          const Endpoint& endpoint) {
  const auto& last = known.seen.service ? known.seen.service : known.state.service;
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

// Something is there that was there.
void ServiceChanges::compare_known(const Endpoint& endpoint,
                                   const Known& known,
                                   const SeenService& now,
                                   const ServiceState& state,
                                   Comparison& sides,
                                   Step& step,
                                   Blind& blind) {
  const auto hide_owners = [&](const Service& before) {
    if (before.standing > Standing::Unknown || now.service->standing != Standing::Listener) {
      return;
    }
    const bool after_unseen = owners_unseen(*now.service) && !owners_unseen(before);
    blind[{after_unseen ? Side::After : Side::Before,
           true,
           find_owner_gap(after_unseen ? *state.visibility : *previous_->visibility, std::nullopt)}]
        .push_back(endpoint);
  };
  if (known.hidden && now.service->standing == Standing::Listener) {
    const auto gap =
        find_gap_before(*previous_->visibility, previous_->as_of, *state.visibility, *now.service);
    if (gap) {
      blind[{Side::Before, false, gap}].push_back(endpoint);
    }
  }
  if (known.seen.service == now.service) {
    if (!known.hidden && owners_doubtful(*now.service)) {
      hide_owners(*now.service);
    }
    sides.before.push_back(&known.state);
    sides.after.push_back(known.state.service.get());
    return;
  }
  SharedService after = now.service;
  if (!after->v6only && known.state.service->v6only) {
    after = with_v6only(*after, known.state.service->v6only);
  }
  step.altered.push_back({endpoint, known.state.service, after, known.state.meant, known.last});
  const auto judged = known.owners.judge(*after, visibility_);
  const bool by_neighbour = judged && judged->observation.seq == previous_->snapshots.last;
  if (!by_neighbour && !known.hidden && known.seen.service != nullptr &&
      compare_owners(*previous_->visibility, *known.seen.service, *now.service).verdict ==
          OwnerComparison::Verdict::Unseen) {
    hide_owners(*known.seen.service);
  }
  const bool changed = judged && judged->changed();
  // While its owners are hidden, they are taken to be those that were seen last.
  const bool carried = !changed && owners_unseen(*after) && !owners_unseen(*known.state.service);
  Shown before = known.state;
  if (judged && (changed || (known.carried && !carried))) {
    const OwnerObservation& other = judged->observation;
    before = {other.service, other.meant, visibility_.at(other.seq), other.as_of, other.seq};
  }
  const bool told_earlier = judged && !changed && !carried && !known.carried &&
                            judged->observation.seq != before.seq &&
                            compare_owners(*before.visibility, *before.service, *after).verdict ==
                                OwnerComparison::Verdict::Unseen;
  if (told_earlier) {
    const OwnerObservation& other = judged->observation;
    sides.owners.push_back(
        {other.service, other.meant, visibility_.at(other.seq), other.as_of, other.seq});
  }
  if (judged && !carried && judged->observation.seq == before.seq) {
    before.owners = judged->comparison;
  }
  before.observed = std::exchange(before.service, at_place_of(before.service, known, endpoint));
  Shown next{after, now.meant, state.visibility, state.as_of, state.snapshots.last};
  if (carried) {
    next = known.state;
    next.service = with_owners_of(*after, *known.state.service);
    sides.carried.push_back(endpoint);
  }
  sides.after.push_back(next.service.get());
  sides.before.push_back(&sides.made.emplace_back(std::move(before)));
  sides.next.emplace(endpoint, std::move(next));
}

// Gone, if its place could be seen.
void ServiceChanges::compare_missing(const Endpoint& endpoint,
                                     Known& known,
                                     const ServiceState& state,
                                     Comparison& sides,
                                     Step& step,
                                     Blind& blind) {
  const bool listened = known.state.service->standing == Standing::Listener;
  if (const auto gap = find_covering_gap(*state.visibility, endpoint)) {
    if (known.state.service->standing > Standing::Unknown) {
      sides.forgotten.push_back(endpoint);
      return;
    }
    if (!known.hidden && listened) {
      blind[{Side::After, false, gap}].push_back(endpoint);
    }
    known.hidden = true;
    sides.before.push_back(&known.state);
    sides.after.push_back(known.state.service.get());
    return;
  }
  const auto label = find_label_gap(*known.state.visibility, endpoint);
  step.gone.push_back({endpoint, known.last, known.state.service, known.state.meant, !label});
  Shown before = known.state;
  before.seq = known.last;
  sides.before.push_back(&sides.made.emplace_back(std::move(before)));
}

// Something is where nothing was known to be.
void ServiceChanges::compare_fresh(const SeenService& now,
                                   const ServiceState& state,
                                   Comparison& sides,
                                   Step& step,
                                   Blind& blind) const {
  const Service& service = *now.service;
  const auto find_look = [&](const auto& hides) -> std::optional<Seq> {
    const VisibilityRun* run =
        runs_.find_last([&](const VisibilityRun& earlier) { return !hides(earlier); });
    return run == nullptr ? std::nullopt : std::optional(run->snapshots.last);
  };
  step.came.push_back({service.endpoint, find_look([&](const VisibilityRun& run) {
                         return find_gap_before(
                             *run.visibility, *state.visibility, service.endpoint);
                       })});
  sides.after.push_back(&service);
  sides.next.emplace(
      service.endpoint,
      Shown{now.service, now.meant, state.visibility, state.as_of, state.snapshots.last});
  const auto gap =
      find_gap_before(*previous_->visibility, previous_->as_of, *state.visibility, service);
  if (!gap) {
    sides.fresh.emplace(service.endpoint, previous_->snapshots.last);
    return;
  }
  if (service.standing == Standing::Listener) {
    blind[{Side::Before, false, gap}].push_back(service.endpoint);
    const auto look = find_look([&](const VisibilityRun& run) {
      return find_gap_before(*run.visibility, run.as_of, *state.visibility, service);
    });
    if (look) {
      sides.fresh.emplace(service.endpoint, *look);
      return;
    }
  }
  // No snapshot could see whether it was there.
  sides.before.push_back(&sides.next.at(service.endpoint));
}

const ServiceChanges::Shown* ServiceChanges::Comparison::find_before(
    const Endpoint& endpoint) const {
  const auto found = std::lower_bound(
      before.begin(), before.end(), endpoint, [](const Shown* shown, const Endpoint& wanted) {
        return shown->service->endpoint < wanted;
      });
  return found != before.end() && (*found)->service->endpoint == endpoint ? *found : nullptr;
}

// The last snapshot that shows the state before a change.
Seq ServiceChanges::date(const Change& change, const Comparison& sides) const {
  std::optional<Seq> date;
  const auto take = [&](Seq seq) { date = std::min(date.value_or(seq), seq); };
  const auto take_fresh = [&](const Endpoint& endpoint) {
    if (const auto found = sides.fresh.find(endpoint); found != sides.fresh.end()) {
      take(found->second);
    }
  };
  if (!change.places.empty()) {
    for (const Endpoint& place : change.places) {
      take_fresh(place);
      const auto known = known_.find(place);
      const auto next = sides.next.find(place);
      const bool altered = known != known_.end() && next != sides.next.end() &&
                           next->second.service->v6only != known->second.state.service->v6only;
      const bool gone = known != known_.end() && find_service(sides.after, place) == nullptr;
      if (altered || gone) {
        take(known->second.last);
      }
    }
    return date.value_or(previous_->snapshots.last);
  }
  if (const Shown* shown = change.before ? sides.find_before(change.before->endpoint) : nullptr) {
    take(shown->seq);
  }
  if (change.after) {
    take_fresh(change.after->endpoint);
  }
  return date.value_or(previous_->snapshots.last);
}

void ServiceChanges::run(const Comparison& sides,
                         const ServiceState& state,
                         Step& step,
                         Blind& blind) const {
  const ServiceSet frame = clear_frame(state);
  ComparedSide before{frame, {}, {}};
  for (const Shown* shown : sides.before) {
    before.services.push_back(shown->service.get());
    before.seen_at.push_back(
        {shown->visibility.get(), shown->as_of, shown->owners ? &*shown->owners : nullptr});
  }
  const auto is_meant = [&](const Endpoint& endpoint) {
    const auto next = sides.next.find(endpoint);
    const auto known = known_.find(endpoint);
    return next != sides.next.end() ? next->second.meant
                                    : known != known_.end() && known->second.state.meant;
  };
  Diff diff = compare_sides(before, {frame, sides.after});
  for (Change& change : diff.changes) {
    const Seq seq = date(change, sides);
    const Shown* shown = change.before ? sides.find_before(change.before->endpoint) : nullptr;
    const bool stays = change.after && change.places.empty() && change.before &&
                       change.before->endpoint == change.after->endpoint;
    if (shown != nullptr && stays && shown->observed) {
      change.before = *shown->observed;
    }
    const bool after_meant = change.after && is_meant(change.after->endpoint);
    step.changes.push_back({std::move(change), seq, shown != nullptr && shown->meant, after_meant});
  }
  for (const NotCompared& entry : diff.not_compared) {
    for (const Endpoint& endpoint : entry.endpoints) {
      // Of what stays at its place it is told already.
      if (!entry.owners_only || !known_.contains(endpoint)) {
        const Visibility& visibility =
            entry.side == Side::Before ? *previous_->visibility : *state.visibility;
        const auto gap = entry.owners_only ? find_owner_gap(visibility, std::nullopt)
                                           : find_label_gap(visibility, endpoint);
        blind[{entry.side, entry.owners_only, gap}].push_back(endpoint);
      }
    }
  }
}

// What the state before hides of its owners, an earlier one may tell; everything else is told of
// the state before.
void ServiceChanges::run_owners(const Comparison& sides, const ServiceState& state, Step& step) {
  for (const Shown& shown : sides.owners) {
    const ServiceSet frame = clear_frame(state);
    const ComparedSide before{
        frame, {shown.service.get()}, {{shown.visibility.get(), shown.as_of, nullptr}}};
    const Service* after = find_service(sides.after, shown.service->endpoint);
    for (Change& change : compare_sides(before, {frame, {after}}).changes) {
      if (change.kind == ChangeKind::OwnerChanged) {
        step.changes.push_back({std::move(change), shown.seq, shown.meant, true});
      }
    }
  }
}

void ServiceChanges::add_blind(Blind blind, const ServiceState& state, Step& step) const {
  for (auto& [key, endpoints] : blind) {
    const auto& [side, owners_only, gap] = key;
    const Visibility& visibility =
        side == Side::Before ? *previous_->visibility : *state.visibility;
    RegisterBlind entry{
        previous_->snapshots.last, state.snapshots.first, std::nullopt, {}, owners_only, {}};
    if (gap) {
      entry.gap = visibility.gaps.at(*gap);
      if (entry.gap->netns) {
        entry.netns = visibility.namespaces.at(entry.gap->netns->value()).label;
        entry.gap->netns.reset();
      }
    }
    entry.endpoints = std::move(endpoints);
    step.blind.push_back(std::move(entry));
  }
}

void ServiceChanges::compare(const ServiceState& state, Step& step) {
  Comparison sides;
  Blind blind;
  auto known = known_.begin();
  auto now = state.services.begin();
  while (known != known_.end() || now != state.services.end()) {
    const bool only_known = now == state.services.end() ||
                            (known != known_.end() && known->first < now->service->endpoint);
    if (only_known) {
      compare_missing(known->first, known->second, state, sides, step, blind);
      ++known;
    } else if (known == known_.end() || now->service->endpoint < known->first) {
      compare_fresh(*now, state, sides, step, blind);
      ++now;
    } else {
      compare_known(known->first, known->second, *now, state, sides, step, blind);
      ++known;
      ++now;
    }
  }
  run(sides, state, step, blind);
  run_owners(sides, state, step);
  add_blind(std::move(blind), state, step);
  for (const Departure& departure : step.gone) {
    known_.erase(departure.endpoint);
  }
  for (const Endpoint& endpoint : sides.forgotten) {
    known_.erase(endpoint);
  }
  for (auto& [endpoint, next] : sides.next) {
    Known& place = known_[endpoint];
    place.state = std::move(next);
    place.carried = false;
  }
  for (const Endpoint& endpoint : sides.carried) {
    known_.at(endpoint).carried = true;
  }
  for (const DatedChange& each : step.changes) {
    const auto place = known_.find(each.change.endpoint);
    if (each.change.kind == ChangeKind::OwnerChanged && place != known_.end()) {
      place->second.owners.forget();
    }
  }
}

void ServiceChanges::keep(ServiceState state) {
  runs_.add(state.snapshots, *state.visibility, state.as_of);
  for (const SeenService& each : state.services) {
    Known& known = known_[each.service->endpoint];
    known.seen = each;
    known.last = state.snapshots.last;
    known.hidden = false;
    if (known.carried) {
      continue;
    }
    const SharedService service = known.state.service ? known.state.service : each.service;
    known.state = {service, each.meant, state.visibility, state.as_of, known.last};
    known.owners.add(service, state.snapshots, state.as_of, each.meant, visibility_);
  }
  previous_ = std::move(state);
}

ServiceChanges::Step ServiceChanges::add(ServiceState state) {
  Step step;
  if (!previous_) {
    for (const SeenService& each : state.services) {
      step.came.push_back({each.service->endpoint, std::nullopt});
    }
  } else if (!shows_same(*previous_, state)) {
    take_labels(state, step);
    complete(state, step);
    compare(state, step);
  }
  keep(std::move(state));
  return step;
}

ServiceChanges::Step ServiceChanges::add(const schema::SeqRange& snapshots, ServiceSet set) {
  ServiceState state{snapshots,
                     std::make_shared<const Visibility>(set),
                     set.as_of,
                     set.ephemeral_first,
                     set.ephemeral_last,
                     {}};
  auto known = previous_ ? previous_->services.begin() : state.services.begin();
  const auto end = previous_ ? previous_->services.end() : state.services.end();
  for (Service& service : set.services) {
    known = std::find_if(known, end, [&](const SeenService& each) {
      return !(each.service->endpoint < service.endpoint);
    });
    const bool same = known != end && same_service(*known->service, service);
    state.services.push_back(
        {same ? known->service : std::make_shared<const Service>(std::move(service))});
  }
  return add(std::move(state));
}

}  // namespace sockwitness::query
