#include "query/analysis/service_changes.h"

#include <algorithm>
#include <utility>

#include "query/analysis/renames.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::Service;
using schema::ServiceSet;
using schema::Visibility;

bool is_unknown_device(const SeenService& each) {
  return each.service->device_unknown;
}

// All that people see; which sockets it has, and since when, may differ.
bool same_service(const Service& left, const Service& right) {
  return left.endpoint == right.endpoint && left.no_holder == right.no_holder &&
         left.v6only == right.v6only && left.rpc == right.rpc && left.standing == right.standing &&
         left.owners == right.owners && left.made_by == right.made_by &&
         left.leads_to == right.leads_to;
}

bool shows_same(const ServiceState& left, const ServiceState& right) {
  return left.services == right.services &&
         (left.visibility == right.visibility || *left.visibility == *right.visibility);
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

// The same place under another label, or with its interface.
void ServiceChanges::rename(const Endpoint& from, const Endpoint& to, StateChanges& step) {
  if (known_.contains(to)) {
    return;
  }
  auto node = known_.extract(from);
  for (SharedService* each : {&node.mapped().state.service, &node.mapped().seen.service}) {
    auto service = std::make_shared<Service>(**each);
    service->endpoint = to;
    *each = std::move(service);
  }
  node.key() = to;
  known_.insert(std::move(node));
  step.renamed.push_back({from, to});
}

void ServiceChanges::take_labels(const ServiceState& state, StateChanges& step) {
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

// An interface that one side does not name is that of the other side.
void ServiceChanges::complete(ServiceState& state, StateChanges& step) {
  const bool unknown = std::any_of(state.services.begin(), state.services.end(), is_unknown_device);
  if (unknown) {
    const Services known = known_services();
    for (SeenService& each : state.services) {
      if (auto place = find_bound_place(*each.service, known)) {
        step.completed.push_back({each.service->endpoint, *place});
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

// Known are the services of the state, and those that gaps hide.
void ServiceChanges::keep(ServiceState state) {
  runs_.add(state.snapshots, *state.visibility, state.as_of);
  auto next = known_.begin();
  for (const SeenService& each : state.services) {
    while (next != known_.end() && next->second.seen.service != each.service &&
           next->first < each.service->endpoint) {
      ++next;
    }
    if (next == known_.end() || next->second.seen.service != each.service) {
      next = known_.try_emplace(next, each.service->endpoint);
    }
    KnownService& known = next->second;
    known.seen = each;
    known.last = state.snapshots.last;
    known.hidden = false;
    if (!known.carried) {
      const SharedService service = known.state.service ? known.state.service : each.service;
      known.state = {service, each.meant, state.visibility, state.as_of, known.last};
      known.owners.add(service, state.snapshots, state.as_of, each.meant, visibility_);
    }
    ++next;
  }
  previous_ = std::move(state);
}

StateChanges ServiceChanges::add(ServiceState state) {
  StateChanges step;
  if (!previous_) {
    for (const SeenService& each : state.services) {
      step.came.push_back({each.service->endpoint, std::nullopt});
    }
  } else if (!shows_same(*previous_, state)) {
    take_labels(state, step);
    complete(state, step);
    StateComparison(known_, runs_, visibility_, *previous_, state, step).run();
  }
  keep(std::move(state));
  return step;
}

StateChanges ServiceChanges::add(const schema::SeqRange& snapshots, ServiceSet set) {
  ServiceState state{.snapshots = snapshots,
                     .visibility = std::make_shared<const Visibility>(set),
                     .as_of = set.as_of,
                     .ephemeral_first = set.ephemeral_first,
                     .ephemeral_last = set.ephemeral_last,
                     .services = {}};
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
