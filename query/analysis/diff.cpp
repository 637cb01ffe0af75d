#include "query/analysis/diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "query/analysis/change_words.h"
#include "query/analysis/coverage.h"
#include "query/analysis/owners.h"
#include "query/analysis/pairing.h"
#include "query/analysis/reach.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Owner;
using schema::Program;
using schema::Service;
using schema::ServiceSet;
using schema::Standing;
using Verdict = OwnerComparison::Verdict;

bool is_local(const Endpoint& endpoint) {
  if (endpoint.family == schema::Family::Unix) {
    return true;
  }
  const bool inet =
      endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
  return inet && schema::plain_address(endpoint.address).ip_class() == schema::IpClass::Loopback;
}

// Of the same kind of place: a program that only has a unix socket has not listened on loopback.
bool listened_already(const Service& service, const ServiceSet& before) {
  const bool is_unix = service.endpoint.family == schema::Family::Unix;
  return std::any_of(before.services.begin(), before.services.end(), [&](const Service& known) {
    const bool same_kind = (known.endpoint.family == schema::Family::Unix) == is_unix &&
                           known.endpoint.netns == service.endpoint.netns;
    return same_kind &&
           std::any_of(service.owners.begin(), service.owners.end(), [&](const Owner& owner) {
             return std::any_of(known.owners.begin(), known.owners.end(), [&](const Owner& other) {
               return owner.program && owner.path() == other.path() && owner.script == other.script;
             });
           });
  });
}

class Comparer {
 public:
  Comparer(const ServiceSet& before, const ServiceSet& after) : before_(before), after_(after) {}

  Diff compare() {
    const Pairing pairing = pair_services(before_, after_);
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
    std::stable_sort(
        diff_.changes.begin(), diff_.changes.end(), [](const Change& left, const Change& right) {
          return std::tie(right.severity, left.kind, left.endpoint) <
                 std::tie(left.severity, right.kind, right.endpoint);
        });
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
    diff_.changes.push_back({kind,
                             severity,
                             shown.endpoint,
                             before != nullptr ? std::optional(*before) : std::nullopt,
                             after != nullptr ? std::optional(*after) : std::nullopt,
                             std::move(why)});
  }

  void hide(Side side, bool owners_only, std::optional<std::size_t> gap, const Endpoint& endpoint) {
    not_compared_[{side, owners_only, gap}].push_back(endpoint);
  }

  void compare_pair(const ServicePair& pair) {
    switch (pair.kind) {
      case PairKind::SamePlace:
        if (!compare_people(*pair.before, *pair.after)) {
          compare_programs(*pair.before, *pair.after);
        }
        break;
      case PairKind::Reach:
        compare_reaches(pair);
        break;
      case PairKind::TakenOver:
      case PairKind::OtherRpcOwner:
        compare_people(*pair.before, *pair.after);
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

  // True when they are not the same people's.
  bool compare_people(const Service& before, const Service& after) {
    const OwnerComparison found = compare_owners(before_, before, after);
    switch (found.verdict) {
      case Verdict::Same:
        return false;
      case Verdict::Unseen: {
        const bool before_unseen = owners_unseen(before);
        hide(before_unseen ? Side::Before : Side::After,
             true,
             find_owner_gap(before_unseen ? before_ : after_, std::nullopt),
             after.endpoint);
        return true;
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

  // The same people's: has their program other content, were they all started anew?
  void compare_programs(const Service& before, const Service& after) {
    std::set<std::pair<std::string, std::string>> told;
    for (const Owner& owner : after.owners) {
      compare_file(before, after, owner.program, &Owner::program, told);
      compare_file(before, after, owner.script_file, &Owner::script_file, told);
    }
    const bool all_younger =
        !after.owners.empty() && !before.owners.empty() &&
        std::all_of(after.owners.begin(), after.owners.end(), [&](const Owner& owner) {
          return owner.started_at && *owner.started_at > before_.as_of;
        });
    if (all_younger) {
      add(ChangeKind::Restarted,
          Severity::Info,
          &before,
          &after,
          "the same service, started anew since");
    }
  }

  void compare_file(const Service& before,
                    const Service& after,
                    const std::optional<Program>& now,
                    std::optional<Program> Owner::*file,
                    std::set<std::pair<std::string, std::string>>& told) {
    if (!now || now->sha256.empty()) {
      return;
    }
    const Program* old = nullptr;
    for (const Owner& owner : before.owners) {
      const std::optional<Program>& known = owner.*file;
      if (!known || known->path != now->path || known->sha256.empty()) {
        continue;
      }
      if (known->sha256 == now->sha256) {
        return;
      }
      old = &*known;
    }
    if (old == nullptr || !told.insert({now->path, now->sha256}).second) {
      return;
    }
    const bool upgrade = now->verdict == schema::PackageVerdict::Matches;
    add(ChangeKind::ProgramChanged,
        upgrade ? Severity::Low : Severity::High,
        &before,
        &after,
        program_change_words(*old, *now));
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
        break;
      case ReachChange::Narrowed:
        add(ChangeKind::ExposureNarrowed,
            Severity::Info,
            pair.before,
            pair.after,
            reach_change_words(before, after));
        break;
      case ReachChange::Elsewhere:
        add(ChangeKind::Moved,
            before.specific == after.specific ? Severity::Info : Severity::Low,
            pair.before,
            pair.after,
            reach_change_words(before, after));
        break;
    }
    const bool place_stayed = pair.before->endpoint == pair.after->endpoint;
    if (!place_stayed && !owners_unseen(*pair.before) && !owners_unseen(*pair.after)) {
      compare_programs(*pair.before, *pair.after);
    }
  }

  void compare_move(const Service& before, const Service& after) {
    const Reach old = reach_of(before);
    const Reach now = reach_of(after);
    const bool same_port = before.endpoint.port == after.endpoint.port;
    if (after.rpc.empty() && !same_port && compare_reach(old, now) == ReachChange::Widened) {
      add(ChangeKind::ExposureWidened,
          Severity::High,
          &before,
          &after,
          move_words(before, after) + "; " + reach_change_words(old, now));
    } else {
      // A datagram socket without a fixed port gets another one at every start.
      const bool by_chance =
          after.rpc.empty() && (after.endpoint.protocol == schema::Protocol::Udp ||
                                after.endpoint.family == schema::Family::Unix);
      add(ChangeKind::Moved,
          by_chance ? Severity::Info : Severity::Low,
          &before,
          &after,
          move_words(before, after));
    }
    compare_programs(before, after);
  }

  void add_namespace(const Service& before, const Service& after) {
    if (const auto gap = find_gap_before(before_, after_, after.endpoint)) {
      hide(Side::Before, false, gap, after.endpoint);
      return;
    }
    const bool narrowed = before.endpoint.netns == "host" &&
                          !find_service(after_, before.endpoint) &&
                          !find_covering_gap(after_, before.endpoint);
    add(narrowed ? ChangeKind::ExposureNarrowed : ChangeKind::ExposureWidened,
        narrowed ? Severity::Info : Severity::High,
        &before,
        &after,
        namespace_words(before, after));
  }

  void add_new(const Service& service) {
    if (const auto gap = find_gap_before(before_, after_, service.endpoint)) {
      hide(Side::Before, false, gap, service.endpoint);
      return;
    }
    const bool is_unix = service.endpoint.family == schema::Family::Unix;
    if (is_local(service.endpoint) && listened_already(service, before_)) {
      add(ChangeKind::NewListener,
          Severity::Info,
          nullptr,
          &service,
          is_unix ? "for programs of this host, and its program had such a socket before"
                  : "reachable from this host only, and its program listened before");
      return;
    }
    const Service* doubtful = find_service(before_, service.endpoint);
    add(ChangeKind::NewListener,
        is_unix ? Severity::Low : Severity::High,
        nullptr,
        &service,
        doubtful != nullptr ? "it was there once before and has stayed: no client's port"
        : is_unix           ? "no program listened under this name before"
                            : "nothing listened here before");
  }

  void add_gone(const Service& service) {
    if (const auto gap = find_covering_gap(after_, service.endpoint)) {
      hide(Side::After, false, gap, service.endpoint);
      return;
    }
    const bool is_unix = service.endpoint.family == schema::Family::Unix;
    add(ChangeKind::VanishedService,
        is_unix ? Severity::Low : Severity::Medium,
        &service,
        nullptr,
        "nothing listens here any more, and the place was looked at");
  }

  // Told for completeness: what may be a client's port is no finding until it stays.
  void add_passing() {
    for (const Service& service : after_.services) {
      const bool doubtful =
          service.standing == Standing::Passing || service.standing == Standing::Unknown;
      if (doubtful && !find_service(before_, service.endpoint) &&
          !find_gap_before(before_, after_, service.endpoint)) {
        add(ChangeKind::NewListener,
            Severity::Info,
            nullptr,
            &service,
            "a port that the kernel chose, seen in one snapshot: a client's unless it stays");
      }
    }
  }

  static const Service* find_service(const ServiceSet& set, const Endpoint& endpoint) {
    const auto found = std::lower_bound(
        set.services.begin(),
        set.services.end(),
        endpoint,
        [](const Service& service, const Endpoint& key) { return service.endpoint < key; });
    return found != set.services.end() && found->endpoint == endpoint ? &*found : nullptr;
  }

  const ServiceSet& before_;
  const ServiceSet& after_;
  Diff diff_;
  std::map<Hidden, std::vector<Endpoint>> not_compared_;
};

struct KindWord {
  ChangeKind kind;
  std::string_view word;
};

constexpr std::array<KindWord, 10> kKindWords{{{ChangeKind::NewListener, "new_listener"},
                                               {ChangeKind::VanishedService, "vanished_service"},
                                               {ChangeKind::OwnerChanged, "owner_changed"},
                                               {ChangeKind::ProgramChanged, "program_changed"},
                                               {ChangeKind::ExposureWidened, "exposure_widened"},
                                               {ChangeKind::ExposureNarrowed, "exposure_narrowed"},
                                               {ChangeKind::Moved, "moved"},
                                               {ChangeKind::Restarted, "restarted"},
                                               {ChangeKind::Reopened, "reopened"},
                                               {ChangeKind::Flapping, "flapping"}}};

}  // namespace

Diff compare_services(const ServiceSet& before, const ServiceSet& after) {
  return Comparer(before, after).compare();
}

std::string_view change_kind_word(ChangeKind kind) {
  return kKindWords.at(static_cast<std::size_t>(kind)).word;
}

std::optional<ChangeKind> parse_change_kind(std::string_view word) {
  const auto found = std::find_if(kKindWords.begin(), kKindWords.end(), [&](const KindWord& entry) {
    return entry.word == word;
  });
  return found == kKindWords.end() ? std::nullopt : std::optional(found->kind);
}

std::vector<ChangeKind> all_change_kinds() {
  std::vector<ChangeKind> kinds;
  for (const KindWord& entry : kKindWords) {
    kinds.push_back(entry.kind);
  }
  return kinds;
}

}  // namespace sockwitness::query
