#include "query/analysis/diff.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "query/analysis/change_words.h"
#include "query/analysis/content.h"
#include "query/analysis/coverage.h"
#include "query/analysis/owners.h"
#include "query/analysis/pairing.h"
#include "query/analysis/reach.h"
#include "query/analysis/renames.h"
#include "query/analysis/service_traits.h"
#include "query/analysis/weight.h"
#include "schema/view/forwards.h"
#include "schema/view/relay.h"
#include "schema/view/replaced_ports.h"
#include "schema/view/services.h"
#include "schema/view/stable_name.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Owner;
using schema::Service;
using schema::ServiceSet;
using schema::Standing;
using Verdict = OwnerComparison::Verdict;

// By the clock of their boot, which is never set.
bool share_process(const Service& before, const Service& after) {
  return std::any_of(after.owners.begin(), after.owners.end(), [&](const Owner& owner) {
    return std::any_of(before.owners.begin(), before.owners.end(), [&](const Owner& old) {
      return owner.pid && old.pid == owner.pid && old.start == owner.start &&
             owner.start != schema::BootTime{};
    });
  });
}

// "netns 4026532345", "unit x.service (netns 4026532345)", "container 4f66ad9a0b2e"
bool is_numbered(std::string_view label) {
  return label.starts_with("netns ") || label.find(" (netns ") != std::string_view::npos ||
         schema::has_drawn_id(label);
}

// Of a container the name may be found at one time and not at another: then its id stands there.
bool is_renumbered(std::string_view left, std::string_view right) {
  const auto of_containers = [&] {
    return left.starts_with("container ") && right.starts_with("container ");
  };
  return (is_numbered(left) && is_numbered(right)) ||
         ((schema::has_drawn_id(left) || schema::has_drawn_id(right)) && of_containers());
}

class Comparer {
 public:
  Comparer(const ComparedSide& before, const ComparedSide& after)
      : before_(before.frame), after_(after.frame), sides_{before, after} {}

  Diff compare() {
    const Pairing pairing = pair_services(sides_.before.services, sides_.after.services);
    for (const ServicePair& pair : pairing.pairs) {
      compare_pair(pair);
    }
    for (const Service* service : pairing.fresh) {
      add_new(*service);
    }
    for (const Service* service : pairing.gone) {
      add_gone(*service);
    }
    add_passing();
    sort_changes(diff_.changes);
    for (auto& [key, endpoints] : not_compared_) {
      const auto& [side, owners_only, gap] = key;
      diff_.not_compared.push_back({side, gap, owners_only, std::move(endpoints)});
    }
    return std::move(diff_);
  }

 private:
  using Hidden = std::tuple<Side, bool, std::optional<std::size_t>>;

  void add(ChangeKind kind,
           Severity severity,
           const Service* before,
           const Service* after,
           std::string why) {
    const Service& shown = after != nullptr ? *after : *before;
    diff_.changes.push_back({.kind = kind,
                             .severity = severity,
                             .endpoint = shown.endpoint,
                             .before = before != nullptr ? std::optional(*before) : std::nullopt,
                             .after = after != nullptr ? std::optional(*after) : std::nullopt,
                             .why = std::move(why)});
  }

  void hide(Side side, bool owners_only, std::optional<std::size_t> gap, const Endpoint& endpoint) {
    not_compared_[{side, owners_only, gap}].push_back(endpoint);
  }

  void compare_pair(const ServicePair& pair) {
    switch (pair.kind) {
      case PairKind::SamePlace:
        compare_rest(*pair.before, *pair.after);
        break;
      case PairKind::Reach:
        compare_reaches(pair);
        break;
      case PairKind::TakenOver:
        if (!compare_people(*pair.before, *pair.after)) {
          compare_reaches(pair);
        }
        break;
      case PairKind::OtherRpcOwner:
        if (!compare_people(*pair.before, *pair.after)) {
          add_move(*pair.before, *pair.after);
          compare_programs(*pair.before, *pair.after);
        }
        break;
      case PairKind::SameRpc:
      case PairKind::Moved:
        compare_move(*pair.before, *pair.after);
        break;
      case PairKind::Namespace:
        add_namespace(*pair.before, *pair.after);
        break;
    }
  }

  // True when their owners differ.
  bool compare_people(const Service& before, const Service& after) {
    const SeenAt seen = sides_.before.observation_of(before);
    const OwnerComparison found = seen.owners != nullptr && before.endpoint == after.endpoint
                                      ? *seen.owners
                                      : compare_owners(*seen.visibility, before, after);
    switch (found.verdict) {
      case Verdict::Same:
        return false;
      case Verdict::Unseen: {
        const bool after_unseen = owners_unseen(after) && !owners_unseen(before);
        hide(after_unseen ? Side::After : Side::Before,
             true,
             find_owner_gap(after_unseen ? after_ : before_, std::nullopt),
             after.endpoint);
        return !found.joined;
      }
      case Verdict::Inherited:
        add(ChangeKind::OwnerChanged,
            Severity::Info,
            &before,
            &after,
            owner_change_words(after.endpoint, found) + ", which it started with its descriptors");
        return false;
      case Verdict::Changed:
        break;
    }
    add(ChangeKind::OwnerChanged,
        Severity::High,
        &before,
        &after,
        owner_change_words(after.endpoint, found));
    return true;
  }

  // The owners are the same: has their program other content, were they all started anew?
  void compare_programs(const Service& before, const Service& after) {
    for (const ContentChange& change : find_content_changes(before, after)) {
      add(ChangeKind::ProgramChanged,
          change.upgrade ? Severity::Low : Severity::High,
          &before,
          &after,
          program_change_words(*change.before, *change.after));
    }
    compare_targets(before, after);
    if (const auto found = find_renamed_user(before, after)) {
      add(ChangeKind::Renamed,
          Severity::Low,
          &before,
          &after,
          user_rename_words(*found->first, *found->second));
    }
    if (const auto found = find_relocation(before, after)) {
      add(ChangeKind::OwnerChanged,
          Severity::Low,
          &before,
          &after,
          relocation_words(after.endpoint, *found->first, *found->second));
    }
    if (!before.owners.empty() &&
        owners_younger(after, sides_.before.observation_of(before).as_of) &&
        !share_process(before, after)) {
      add(ChangeKind::Restarted,
          Severity::Info,
          &before,
          &after,
          "the same service, started anew since");
    }
  }

  // The same relay or proxy: does it still lead to the same place?
  void compare_targets(const Service& before, const Service& after) {
    if (is_forward(after.endpoint)) {
      compare_rules(before, after);
      return;
    }
    const Owner* old = principal(before);
    const Owner* now = principal(after);
    if (old == nullptr || now == nullptr) {
      return;
    }
    const std::string target = schema::leads_to(*old, before.endpoint.port);
    const std::string other = schema::leads_to(*now, after.endpoint.port);
    const schema::LeadChange change = schema::compare_leads(target, other);
    if (change == schema::LeadChange::Same) {
      return;
    }
    const Severity severity = change == schema::LeadChange::Recreated ? Severity::Low
                              : change == schema::LeadChange::Perhaps ? Severity::Medium
                                                                      : Severity::High;
    add(ChangeKind::ForwardingChanged,
        severity,
        &before,
        &after,
        target_words(after.endpoint, *now, target, other));
  }

  // A port that NAT rules lead elsewhere: do they lead to the same place?
  void compare_rules(const Service& before, const Service& after) {
    const schema::LeadChange change = compare_forwards(before, after);
    if (change == schema::LeadChange::Same) {
      return;
    }
    add(ChangeKind::ForwardingChanged,
        change == schema::LeadChange::Recreated ? Severity::Low
        : change == schema::LeadChange::Perhaps ? Severity::Medium
                                                : Severity::High,
        &before,
        &after,
        rule_target_words(after.endpoint, before.leads_to, after.leads_to));
  }

  // To the change that was added last.
  void add_places(const ServicePair& pair) {
    if (pair.kind != PairKind::Reach) {
      return;
    }
    for (const Services* services : {&pair.befores, &pair.afters}) {
      for (const Service* service : *services) {
        diff_.changes.back().places.push_back(service->endpoint);
      }
    }
  }

  void compare_reaches(const ServicePair& pair) {
    // Where a table could not be read completely, an address that is missing says nothing.
    const auto hidden_before = find_covering_gap(before_, pair.before->endpoint);
    const auto hidden_after = find_covering_gap(after_, pair.after->endpoint);
    if (hidden_before || hidden_after) {
      hide(hidden_before ? Side::Before : Side::After,
           false,
           hidden_before ? hidden_before : hidden_after,
           pair.after->endpoint);
      return;
    }
    const Reach before = reach_of(pair.befores);
    const Reach after = reach_of(pair.afters);
    const ReachChange change = compare_reach(before, after);
    switch (change) {
      case ReachChange::Equal:
        break;
      case ReachChange::Widened:
        add(ChangeKind::ExposureWidened,
            Severity::High,
            pair.before,
            pair.after,
            reach_change_words(before, after));
        add_places(pair);
        break;
      case ReachChange::Narrowed:
        add(ChangeKind::ExposureNarrowed,
            Severity::Info,
            pair.before,
            pair.after,
            reach_change_words(before, after));
        add_places(pair);
        break;
      case ReachChange::Elsewhere:
        add(ChangeKind::Moved,
            before.specific == after.specific ? Severity::Info : Severity::Low,
            pair.before,
            pair.after,
            reach_change_words(before, after));
        break;
    }
    hide_strangers(before_, Side::Before, pair.befores, pair.before, sides_.after.services);
    hide_strangers(after_, Side::After, pair.afters, pair.after, sides_.before.services);
    if (pair.kind == PairKind::TakenOver) {
      compare_programs(*pair.before, *pair.after);
    } else if (find_service(sides_.before.services, pair.after->endpoint) == nullptr) {
      // Otherwise the two of that endpoint are a pair of their own.
      compare_rest(*pair.before, *pair.after);
    }
  }

  // An address of one side alone, beside others of the port: its owner is hidden.
  void hide_strangers(const ServiceSet& own,
                      Side side,
                      const std::vector<const Service*>& services,
                      const Service* told,
                      const Services& other) {
    for (const Service* service : services) {
      if (service != told && owners_unseen(*service) && !owners_unseen(*told) &&
          service->no_holder != schema::NoHolderReason::Exited &&
          find_service(other, service->endpoint) == nullptr) {
        hide(side, true, find_owner_gap(own, std::nullopt), service->endpoint);
      }
    }
  }

  // What else may have changed of a service that was found at another place.
  void compare_rest(const Service& before, const Service& after) {
    if (!compare_people(before, after)) {
      compare_programs(before, after);
    }
  }

  void compare_move(const Service& before, const Service& after) {
    add_move(before, after);
    compare_rest(before, after);
  }

  void add_move(const Service& before, const Service& after) {
    const Reach old = reach_of(before);
    const Reach now = reach_of(after);
    const bool same_port = before.endpoint.port == after.endpoint.port;
    if (!same_port && compare_reach(old, now) == ReachChange::Widened) {
      add(ChangeKind::ExposureWidened,
          Severity::High,
          &before,
          &after,
          move_words(before, after) + "; " + reach_change_words(old, now));
      return;
    }
    // A datagram socket without a fixed port gets another one at every start; so does the name of
    // many a unix socket.
    const bool by_chance =
        (has_chosen_port(before, after_) && has_chosen_port(after, after_)) || is_unix(after);
    add(ChangeKind::Moved,
        by_chance ? Severity::Info : Severity::Low,
        &before,
        &after,
        move_words(before, after));
  }

  void add_namespace(const Service& before, const Service& after) {
    if (const auto gap = find_gap_before(before_, before_.as_of, after_, after)) {
      hide(Side::Before, false, gap, after.endpoint);
      return;
    }
    const bool gone = find_service(sides_.after.services, before.endpoint) == nullptr &&
                      !find_covering_gap(after_, before.endpoint);
    const std::string words = namespace_words(before, after);
    if (!gone || after.endpoint.netns == "host") {
      add(ChangeKind::ExposureWidened, Severity::High, &before, &after, words);
    } else if (before.endpoint.netns == "host") {
      add(ChangeKind::ExposureNarrowed, Severity::Info, &before, &after, words);
    } else {
      // A namespace without a name gets another number whenever it is made.
      const bool renumbered = is_renumbered(before.endpoint.netns, after.endpoint.netns);
      add(ChangeKind::Moved, renumbered ? Severity::Info : Severity::Low, &before, &after, words);
    }
    if (gone) {
      compare_rest(before, after);
    }
  }

  void add_new(const Service& service) {
    if (const auto gap = find_gap_before(before_, before_.as_of, after_, service)) {
      hide(Side::Before, false, gap, service.endpoint);
      return;
    }
    if (const auto why = excuse_for_new(service, sides_.before.services, after_)) {
      add(ChangeKind::NewListener, Severity::Info, nullptr, &service, std::string(*why));
      return;
    }
    add(ChangeKind::NewListener, severity_of_new(service), nullptr, &service, why_new(service));
  }

  [[nodiscard]] std::string why_new(const Service& service) const {
    if (find_service(sides_.before.services, service.endpoint) != nullptr) {
      return "it was there once before and has stayed: no client's port";
    }
    if (takes_packets(service)) {
      return service.endpoint.protocol == schema::Protocol::Raw
                 ? "nothing took packets of this IP protocol here before"
                 : "nothing took packets of this kind here before";
    }
    if (is_forward(service.endpoint)) {
      return "no rule led this port elsewhere before; it leads to " + service.leads_to;
    }
    return is_unix(service) ? "no program listened under this name before"
                            : "nothing listened here before";
  }

  void add_gone(const Service& service) {
    if (const auto gap = find_covering_gap(after_, service.endpoint)) {
      hide(Side::After, false, gap, service.endpoint);
      return;
    }
    if (const auto gap =
            find_label_gap(*sides_.before.observation_of(service).visibility, service.endpoint)) {
      hide(Side::Before, false, gap, service.endpoint);
      return;
    }
    if (const auto why = excuse_for_gone(service, sides_.after.services, after_)) {
      add(ChangeKind::VanishedService, Severity::Info, &service, nullptr, std::string(*why));
      return;
    }
    if (is_forward(service.endpoint)) {
      add(ChangeKind::VanishedService,
          severity_of_gone(service),
          &service,
          nullptr,
          "no rule leads this port elsewhere any more, and the rules were read; it led to " +
              service.leads_to);
      return;
    }
    add(ChangeKind::VanishedService,
        severity_of_gone(service),
        &service,
        nullptr,
        find_service(sides_.after.services, service.endpoint) == nullptr
            ? "nothing listens here any more, and the place was looked at"
            : "who has the port now is another one, and may be a client");
  }

  // For completeness: what may be a client's port is no finding until it stays.
  void add_passing() {
    for (const Service* service : sides_.after.services) {
      const bool doubtful =
          service->standing == Standing::Passing || service->standing == Standing::Unknown;
      if (doubtful && !find_service(sides_.before.services, service->endpoint) &&
          !find_gap_before(before_, before_.as_of, after_, *service)) {
        add(ChangeKind::NewListener,
            Severity::Info,
            nullptr,
            service,
            "a port that the kernel chose, seen in one snapshot: a client's unless it stays");
      }
    }
  }

  struct Sides {
    const ComparedSide& before;
    const ComparedSide& after;
  };

  const ServiceSet& before_;  // what they could see
  const ServiceSet& after_;
  Sides sides_;
  Diff diff_;
  std::map<Hidden, std::vector<Endpoint>> not_compared_;
};

}  // namespace

void sort_changes(std::vector<Change>& changes) {
  std::stable_sort(changes.begin(), changes.end(), [](const Change& left, const Change& right) {
    return std::tie(right.severity, left.kind, left.endpoint) <
           std::tie(left.severity, right.kind, right.endpoint);
  });
}

Change renamed_namespace(const Service& service, const std::string& before) {
  return {.kind = ChangeKind::Renamed,
          .severity = Severity::Info,
          .endpoint = service.endpoint,
          .before = service,
          .after = service,
          .why = namespace_rename_words(before, service.endpoint.netns)};
}

Diff compare_sides(const ComparedSide& before, const ComparedSide& after) {
  return Comparer(before, after).compare();
}

}  // namespace sockwitness::query
