#include "query/analysis/service_changes.h"

#include <algorithm>
#include <tuple>

#include "query/analysis/coverage.h"
#include "query/analysis/owners.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Gap;
using schema::Seq;
using schema::SeqRange;
using schema::Service;
using schema::ServiceSet;
using schema::Standing;
using schema::Visibility;

// All that people see; which sockets it has, and since when, may differ.
bool same_service(const Service& left, const Service& right) {
  return left.endpoint == right.endpoint && left.no_holder == right.no_holder &&
         left.v6only == right.v6only && left.rpc == right.rpc && left.standing == right.standing &&
         left.owners == right.owners;
}

bool can_see_same(const Visibility& left, const Visibility& right) {
  return left == right;
}

bool same_set(const ServiceSet& left, const ServiceSet& right) {
  return can_see_same(left, right) && std::equal(left.services.begin(),
                                                 left.services.end(),
                                                 right.services.begin(),
                                                 right.services.end(),
                                                 same_service);
}

bool same_port(const Endpoint& left, const Endpoint& right) {
  return std::tie(left.netns, left.protocol, left.port, left.name) ==
         std::tie(right.netns, right.protocol, right.port, right.name);
}

void add_once(std::vector<Service>& services, const Service& service) {
  const auto place = std::lower_bound(
      services.begin(), services.end(), service, [](const Service& left, const Service& right) {
        return left.endpoint < right.endpoint;
      });
  if (place == services.end() || place->endpoint != service.endpoint) {
    services.insert(place, service);
  }
}

// Without services; ports are those of `model`.
ServiceSet set_with(const Visibility& visibility, schema::WallTime as_of, const ServiceSet& model) {
  ServiceSet set{visibility, {}, as_of};
  set.ephemeral_first = model.ephemeral_first;
  set.ephemeral_last = model.ephemeral_last;
  return set;
}

}  // namespace

ServiceChanges::LastSeen ServiceChanges::last_seen_of(const Service& service) const {
  return {service, runs_.all().back().visibility, previous_->as_of, last_};
}

RegisterBlind ServiceChanges::blind_of(NotCompared entry, const ServiceSet& set, Seq after) const {
  const ServiceSet& side = entry.side == Side::Before ? *previous_ : set;
  RegisterBlind blind{last_, after, std::nullopt, {}, entry.owners_only, {}};
  if (entry.gap) {
    blind.gap = side.gaps.at(*entry.gap);
    if (blind.gap->netns) {
      blind.netns = side.namespaces.at(blind.gap->netns->value()).label;
      blind.gap->netns.reset();
    }
  }
  blind.endpoints = std::move(entry.endpoints);
  return blind;
}

// What can be seen again, or for the first time since an earlier snapshot could see its place.
ServiceChanges::LateComparisons ServiceChanges::find_late_comparisons(
    const ServiceSet& set, const std::set<Endpoint>& told) const {
  LateComparisons comparisons;
  const auto comparison_after =
      [&](Seq last, const auto& visibility, schema::WallTime as_of) -> LateComparison& {
    LateComparison& late = comparisons[last];
    if (late.visibility == nullptr) {
      late = {visibility, set_with(*visibility, as_of, set), set_with(set, set.as_of, set), {}};
    }
    return late;
  };
  for (const auto& [endpoint, seen] : hidden_) {
    const Service* now = schema::find_service(set, endpoint);
    if (now == nullptr && find_covering_gap(set, endpoint)) {
      continue;
    }
    LateComparison& late = comparison_after(seen.last, seen.visibility, seen.as_of);
    late.scope.insert(endpoint);
    add_once(late.before.services, seen.service);
    if (now != nullptr) {
      add_once(late.after.services, *now);
    }
  }
  for (const Service& service : set.services) {
    const bool compared = service.standing != Standing::Listener ||
                          told.contains(service.endpoint) || hidden_.contains(service.endpoint) ||
                          schema::find_service(*previous_, service.endpoint) != nullptr ||
                          !find_gap_before(*previous_, previous_->as_of, set, service);
    if (compared) {
      continue;
    }
    const VisibilityRun* looked = runs_.find_last([&](const VisibilityRun& run) {
      return !find_gap_before(*run.visibility, run.as_of, set, service);
    });
    if (looked != nullptr) {
      LateComparison& late =
          comparison_after(looked->snapshots.last, looked->visibility, looked->as_of);
      late.scope.insert(service.endpoint);
      add_once(late.after.services, service);
    }
  }
  return comparisons;
}

// Other addresses of the same port that both neighbours have: with them it is told whether a
// service can be reached by more or by fewer.
void ServiceChanges::add_companions(LateComparison& late, const ServiceSet& set) const {
  for (const Service& service : previous_->services) {
    const bool belongs =
        std::any_of(late.scope.begin(), late.scope.end(), [&](const Endpoint& endpoint) {
          return same_port(endpoint, service.endpoint);
        });
    const Service* now = belongs ? schema::find_service(set, service.endpoint) : nullptr;
    if (now != nullptr) {
      add_once(late.before.services, service);
      add_once(late.after.services, *now);
    }
  }
}

void ServiceChanges::take_late_comparison(Seq before,
                                          LateComparison late,
                                          Step& step,
                                          std::set<Endpoint>& unsure) const {
  Diff diff = compare_services(late.before, late.after);
  const auto in_scope = [&](const std::optional<Service>& service) {
    return service && late.scope.contains(service->endpoint);
  };
  for (Change& change : diff.changes) {
    const bool of_reach = change.kind == ChangeKind::ExposureWidened ||
                          change.kind == ChangeKind::ExposureNarrowed ||
                          change.kind == ChangeKind::Moved;
    if (of_reach || in_scope(change.before) || in_scope(change.after)) {
      step.changes.push_back({std::move(change), before});
    }
  }
  for (const NotCompared& entry : diff.not_compared) {
    if (entry.owners_only) {
      unsure.insert(entry.endpoints.begin(), entry.endpoints.end());
    }
  }
}

void ServiceChanges::compare_owners_of(const std::set<Endpoint>& unsure,
                                       const ServiceSet& set,
                                       Step& step) {
  for (const Endpoint& endpoint : unsure) {
    const auto observations = owners_.find(endpoint);
    const Service* now = schema::find_service(set, endpoint);
    if (observations == owners_.end() || now == nullptr || owners_doubtful(*now)) {
      continue;
    }
    const auto judged = observations->second.judge(*now, visibility_);
    if (!judged) {
      continue;
    }
    const OwnerObservation& seen = judged->observation;
    ServiceSet before = set_with(*visibility_.at(seen.seq), seen.as_of, set);
    before.services = {*seen.service};
    ServiceSet after = set_with(set, set.as_of, set);
    after.services = {*now};
    // What the one before it showed, too, was told then.
    const Service* previous = schema::find_service(*previous_, endpoint);
    const bool news = previous == nullptr || owners_doubtful(*previous);
    for (Change& change : compare_services(before, after).changes) {
      if (news || change.kind == ChangeKind::OwnerChanged) {
        step.changes.push_back({std::move(change), seen.seq});
      }
    }
  }
}

// Of the neighbours before `previous_` is replaced: what is not there any more is gone, or hidden.
// Told by now, unless it was taken for something else that could not be compared in the end.
void ServiceChanges::add_gone(const Service& service,
                              Seq last,
                              const ServiceSet& set,
                              Step& step) const {
  step.gone.push_back(service.endpoint);
  const bool told =
      std::any_of(step.changes.begin(), step.changes.end(), [&](const DatedChange& each) {
        return each.change.before && same_port(each.change.before->endpoint, service.endpoint);
      });
  if (told || service.standing != Standing::Listener) {
    return;
  }
  ServiceSet before = set_with(*runs_.all().back().visibility, previous_->as_of, set);
  before.services = {service};
  for (Change& change : compare_services(before, set_with(set, set.as_of, set)).changes) {
    step.changes.push_back({std::move(change), last});
  }
}

// Also what was found elsewhere: that it has left its place is known once that can be seen.
void ServiceChanges::remember_places(const ServiceSet& set, Step& step) {
  std::erase_if(hidden_, [&](const auto& each) {
    const bool there = schema::find_service(set, each.first) != nullptr;
    if (!there && !find_covering_gap(set, each.first)) {
      add_gone(each.second.service, each.second.last, set, step);
      return true;
    }
    return there;
  });
  for (const Service& service : previous_->services) {
    if (schema::find_service(set, service.endpoint) != nullptr) {
      continue;
    }
    if (find_covering_gap(set, service.endpoint)) {
      if (service.standing <= Standing::Unknown) {
        hidden_.try_emplace(service.endpoint, last_seen_of(service));
      }
    } else {
      add_gone(service, last_, set, step);
    }
  }
  for (const Endpoint& endpoint : step.gone) {
    owners_.erase(endpoint);
  }
}

schema::SharedVisibility ServiceChanges::visibility_at(Seq seq) const {
  return runs_.find_last([seq](const VisibilityRun& run) { return run.snapshots.first <= seq; })
      ->visibility;
}

// Of services whose owners the later side, or one since the last clear one, may hide in part.
void ServiceChanges::remember_owners(const ServiceSet& set) {
  const bool blinder = hides_more_owners(set, *previous_);
  for (const Service& service : previous_->services) {
    const Service* now =
        owners_doubtful(service) ? nullptr : schema::find_service(set, service.endpoint);
    const bool unclear = now != nullptr && (blinder || owners_doubtful(*now));
    if (!unclear && (now == nullptr || !owners_.contains(service.endpoint))) {
      continue;
    }
    OwnerObservations& observations = owners_[service.endpoint];
    observations.add(std::make_shared<const Service>(service),
                     {last_, last_},
                     previous_->as_of,
                     true,
                     visibility_);
    if (!unclear && observations.is_single()) {
      owners_.erase(service.endpoint);  // it tells no more than its neighbour
    }
  }
}

void ServiceChanges::compare(Seq after, const ServiceSet& set, Step& step) {
  Diff diff = compare_services(*previous_, set);
  std::set<Endpoint> told;
  std::set<Endpoint> unsure;
  for (Change& change : diff.changes) {
    if (change.after) {
      told.insert(change.after->endpoint);
    }
    step.changes.push_back({std::move(change), last_});
  }
  for (NotCompared& entry : diff.not_compared) {
    if (entry.owners_only) {
      unsure.insert(entry.endpoints.begin(), entry.endpoints.end());
    }
    step.blind.push_back(blind_of(std::move(entry), set, after));
  }
  for (auto& [before, late] : find_late_comparisons(set, told)) {
    add_companions(late, set);
    take_late_comparison(before, std::move(late), step, unsure);
  }
  remember_owners(set);
  compare_owners_of(unsure, set, step);
  for (const DatedChange& each : step.changes) {
    if (each.change.kind == ChangeKind::OwnerChanged) {
      owners_.erase(each.change.endpoint);
    }
  }
  remember_places(set, step);
}

ServiceChanges::Step ServiceChanges::add(SeqRange snapshots, ServiceSet set) {
  Step step;
  if (previous_ && !same_set(*previous_, set)) {
    compare(snapshots.first, set, step);
  }
  runs_.add(snapshots, set, set.as_of);
  last_ = snapshots.last;
  previous_ = std::move(set);
  return step;
}

}  // namespace sockwitness::query
