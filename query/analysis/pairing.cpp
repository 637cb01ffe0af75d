#include "query/analysis/pairing.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "query/analysis/service_traits.h"
#include "schema/base/base_name.h"
#include "schema/model/socket.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Owner;
using schema::Service;

// Programs that do whatever their command line says: two runs of them are the same service only if
// the command line is the same, too.
bool is_general(const Owner& owner) {
  constexpr auto kGeneral = std::to_array<std::string_view>(
      {"bash",  "busybox", "dash",   "docker-proxy", "java",
       "ksh",   "lua",     "luajit", "nc",           "ncat",
       "node",  "perl",    "php",    "pypy",         "python",
       "ruby",  "sh",      "socat",  "ssh",          "systemd-socket-proxyd",
       "tclsh", "zsh"});
  const std::string_view name = schema::base_name(owner.path());
  return owner.script.empty() &&
         std::any_of(kGeneral.begin(), kGeneral.end(), [&](std::string_view general) {
           const std::string_view rest =
               name.starts_with(general) ? name.substr(general.size()) : std::string_view("x");
           return rest.empty() || rest.front() == '.' ||
                  (rest.front() >= '0' && rest.front() <= '9');
         });
}

// What makes two services at different places the same. Nothing where the owner was not seen, or
// holds them for others: what it starts at one place need not be what it starts at the other.
using Identity = std::tuple<OwnerKey, std::string>;

std::optional<Identity> identity_of(const Service& service) {
  const Owner* owner = principal(service);
  if (owner == nullptr || !owner->program || owner->manager || schema::is_partly_unread(*owner)) {
    return std::nullopt;
  }
  return Identity{key_of(*owner),
                  is_general(*owner)
                      ? schema::identity_of_text(owner->command_line.value_or(""), owner->long_line)
                      : std::string()};
}

// The same people's program, as far as the port alone can tell.
bool same_owner(const Service& before, const Service& after) {
  if (owners_unseen(before) || owners_unseen(after)) {
    return true;
  }
  const Owner* left = principal(before);
  const Owner* right = principal(after);
  if (left == nullptr || right == nullptr) {
    return left == right;
  }
  return schema::may_be_same(*left, *right);
}

bool share_rpc_program(const Service& left, const Service& right) {
  return std::any_of(left.rpc.begin(), left.rpc.end(), [&](std::uint32_t program) {
    return std::binary_search(right.rpc.begin(), right.rpc.end(), program);
  });
}

class Matcher {
 public:
  // Both ascending: the services of one endpoint are found in one pass.
  Matcher(const Services& before, const Services& after) {
    auto now = after.begin();
    for (const Service* service : before) {
      while (now != after.end() && *now != service && (*now)->endpoint < service->endpoint) {
        add_fresh(*now++);
      }
      const bool stays =
          now != after.end() && (*now == service || (*now)->endpoint == service->endpoint);
      const Service* same = stays ? *now++ : nullptr;
      if (service->standing <= schema::Standing::Unknown) {
        add_known(service, same);
      } else if (same != nullptr) {
        add_fresh(same);
      }
    }
    std::for_each(now, after.end(), [this](const Service* service) { add_fresh(service); });
  }

  Pairing match() {
    match_ports();
    match_rpc();
    match_identities(PairKind::Namespace);
    match_identities(PairKind::Moved);
    Pairing pairing{std::move(pairs_), {}, {}};
    for (const Service* service : before_) {
      if (is_free(service) && service->standing == schema::Standing::Listener) {
        pairing.gone.push_back(service);
      }
    }
    std::copy_if(after_.begin(),
                 after_.end(),
                 std::back_inserter(pairing.fresh),
                 [this](const Service* service) { return is_free(service); });
    return pairing;
  }

 private:
  [[nodiscard]] bool is_free(const Service* service) const { return free_.contains(service); }

  void take(PairKind kind, const Service* before, const Service* after) {
    pairs_.push_back({kind, before, after, {before}, {after}});
    free_.erase(before);
    free_.erase(after);
  }

  void add_fresh(const Service* service) {
    if (service->standing == schema::Standing::Listener) {
      after_.push_back(service);
      free_.insert(service);
    }
  }

  // Where it only seems to be a client's port now, its owner has it still.
  void add_known(const Service* before, const Service* after) {
    before_.push_back(before);
    if (after == nullptr) {
      free_.insert(before);
    } else if (after->standing == schema::Standing::Listener) {
      after_.push_back(after);
      if (after != before) {
        pairs_.push_back({PairKind::SamePlace, before, after, {}, {}});
      }
      if (before->v6only && after->v6only && *before->v6only != *after->v6only) {
        altered_.insert(after);
      }
    } else if (!same_owner(*before, *after)) {
      free_.insert(before);
    }
  }

  // One port of one namespace, whatever its addresses; what leads elsewhere apart from what
  // listens.
  using PortKey = std::tuple<std::string_view, schema::Protocol, schema::Port, std::string_view>;
  struct Sides {
    Services before;
    Services after;
  };

  // Those at which something came, went or takes IPv4 as it did not.
  [[nodiscard]] std::map<PortKey, Sides> find_open_ports() const {
    std::map<PortKey, Sides> ports;
    const auto key = [](const Endpoint& endpoint) {
      return PortKey{endpoint.netns, endpoint.protocol, endpoint.port, endpoint.name};
    };
    for (const Services* services : {&before_, &after_}) {
      for (const Service* service : *services) {
        if (is_inet(service->endpoint) && (is_free(service) || altered_.contains(service))) {
          ports.try_emplace(key(service->endpoint));
        }
      }
    }
    const auto add = [&](const Services& services, Services Sides::*side) {
      for (const Service* service : services) {
        const auto port =
            is_inet(service->endpoint) ? ports.find(key(service->endpoint)) : ports.end();
        if (port != ports.end()) {
          (port->second.*side).push_back(service);
        }
      }
    };
    if (!ports.empty()) {
      add(before_, &Sides::before);
      add(after_, &Sides::after);
    }
    return ports;
  }

  void match_ports() {
    for (const auto& [port, sides] : find_open_ports()) {
      match_reach(sides);
      match_takeovers(sides);
    }
  }

  // Of one owner: everything that it has on this port, then everything that it had.
  void match_reach(const Sides& sides) {
    for (const Service* service : sides.after) {
      match_reach_of(*service, sides);
    }
    for (const Service* service : sides.before) {
      if (is_free(service)) {
        match_reach_of(*service, sides);
      }
    }
  }

  void match_reach_of(const Service& one, const Sides& sides) {
    ServicePair pair{PairKind::Reach, nullptr, nullptr, {}, {}};
    bool open = false;
    const auto collect = [&](const Services& from, Services& into) {
      for (const Service* service : from) {
        if (may_share_reach(one, *service) && same_owner(one, *service)) {
          into.push_back(service);
          open = open || is_free(service) || altered_.contains(service);
        }
      }
    };
    collect(sides.before, pair.befores);
    collect(sides.after, pair.afters);
    if (!open || pair.befores.empty() || pair.afters.empty()) {
      return;
    }
    pair.before = most_telling(pair.befores);
    pair.after = most_telling(pair.afters);
    for (const Service* service : pair.afters) {
      altered_.erase(service);
    }
    for (const Services* services : {&pair.befores, &pair.afters}) {
      for (const Service* service : *services) {
        free_.erase(service);
      }
    }
    pairs_.push_back(std::move(pair));
  }

  // What is bound to two interfaces is two services, unless the one became the other.
  [[nodiscard]] bool may_share_reach(const Service& left, const Service& right) const {
    const std::string& one = left.endpoint.device;
    const std::string& other = right.endpoint.device;
    return one.empty() || other.empty() || one == other || (is_free(&left) && is_free(&right));
  }

  // The widest; of two alike the one that the other side does not have.
  [[nodiscard]] const Service* most_telling(const Services& services) const {
    return *std::max_element(
        services.begin(), services.end(), [this](const Service* left, const Service* right) {
          const auto weight = [this](const Service* service) {
            const Reach reach = reach_of(*service);
            return std::tuple(
                std::max(reach.v4, reach.v6), std::min(reach.v4, reach.v6), is_free(service));
          };
          return weight(left) < weight(right);
        });
  }

  void match_takeovers(const Sides& sides) {
    for (const Service* after : sides.after) {
      for (const Service* before : sides.before) {
        if (is_free(after) && is_free(before) && overlap(reach_of(*before), reach_of(*after))) {
          take(PairKind::TakenOver, before, after);
        }
      }
    }
    // A wildcard takes the place of several.
    for (const Service* before : sides.before) {
      const bool replaced =
          is_free(before) &&
          std::any_of(pairs_.begin(), pairs_.end(), [&](const ServicePair& pair) {
            return pair.kind == PairKind::TakenOver &&
                   std::find(sides.after.begin(), sides.after.end(), pair.after) !=
                       sides.after.end() &&
                   overlap(reach_of(*before), reach_of(*pair.after));
          });
      if (replaced) {
        free_.erase(before);
      }
    }
  }

  void match_rpc() {
    const auto registered = [this](const Services& services) {
      Services found;
      std::copy_if(
          services.begin(),
          services.end(),
          std::back_inserter(found),
          [this](const Service* service) { return is_free(service) && !service->rpc.empty(); });
      return found;
    };
    const Services fresh = registered(after_);
    for (const Service* before : registered(before_)) {
      for (const Service* after : fresh) {
        const bool same_kind = before->endpoint.netns == after->endpoint.netns &&
                               before->endpoint.protocol == after->endpoint.protocol &&
                               before->endpoint.family == after->endpoint.family;
        if (is_free(before) && is_free(after) && same_kind && share_rpc_program(*before, *after)) {
          take(same_owner(*before, *after) ? PairKind::SameRpc : PairKind::OtherRpcOwner,
               before,
               after);
        }
      }
    }
  }

  // Nearest first: as little else as possible may differ.
  static std::tuple<bool, bool, bool> distance(const Service& before, const Service& after) {
    return {before.endpoint.port != after.endpoint.port,
            before.endpoint.address != after.endpoint.address,
            compare_reach(reach_of(before), reach_of(after)) != ReachChange::Equal};
  }

  // Whether the two are the same service if they have the same owner.
  [[nodiscard]] bool may_belong(PairKind kind, const Service& before, const Service& after) const {
    return kind == PairKind::Namespace ? other_namespace(before, after)
                                       : is_free(&before) && may_have_moved(before, after);
  }

  void match_identities(PairKind kind) {
    Services fresh;
    std::copy_if(
        after_.begin(), after_.end(), std::back_inserter(fresh), [this](const Service* each) {
          return is_free(each);
        });
    // An identity is dear: only of those that it may decide for.
    std::map<Identity, Services> known;
    for (const Service* before : before_) {
      const bool counts = std::any_of(fresh.begin(), fresh.end(), [&](const Service* after) {
        return may_belong(kind, *before, *after);
      });
      if (const auto identity = counts ? identity_of(*before) : std::nullopt) {
        known[*identity].push_back(before);
      }
    }
    if (known.empty()) {
      return;
    }
    for (const Service* after : fresh) {
      const auto identity = identity_of(*after);
      const auto found = identity ? known.find(*identity) : known.end();
      const Service* best =
          found == known.end() ? nullptr : find_nearest(kind, found->second, *after);
      if (best != nullptr) {
        take(kind, best, after);
      }
    }
  }

  [[nodiscard]] const Service* find_nearest(PairKind kind,
                                            const Services& known,
                                            const Service& after) const {
    // One that has gone rather than one that is still there.
    const auto rank = [&](const Service* before) {
      return std::pair(!is_free(before), distance(*before, after));
    };
    const Service* best = nullptr;
    for (const Service* before : known) {
      const bool fits = may_belong(kind, *before, after);
      if (fits && (best == nullptr || rank(before) < rank(best))) {
        best = before;
      }
    }
    return best;
  }

  static bool other_namespace(const Service& before, const Service& after) {
    return is_inet(after.endpoint) && before.endpoint.protocol == after.endpoint.protocol &&
           before.endpoint.port == after.endpoint.port &&
           before.endpoint.netns != after.endpoint.netns;
  }

  static bool may_have_moved(const Service& before, const Service& after) {
    return before.endpoint.netns == after.endpoint.netns &&
           before.endpoint.protocol == after.endpoint.protocol;
  }

  Services before_;  // by endpoint, ascending
  Services after_;
  std::set<const Service*> free_;     // of no pair yet
  std::set<const Service*> altered_;  // at the same place, and taking IPv4 or not any more
  std::vector<ServicePair> pairs_;
};

}  // namespace

Pairing pair_services(const Services& before, const Services& after) {
  return Matcher(before, after).match();
}

}  // namespace sockwitness::query
