#include "query/analysis/owners.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::NoHolderReason;
using schema::Owner;
using schema::Service;
using schema::ServiceSet;
using Verdict = OwnerComparison::Verdict;

// An owner without its user: workers of one program may run as somebody else than their master.
using Code = std::tuple<std::string, std::string, std::string, std::string>;

Code code_of(const Owner& owner) {
  return {std::string(owner.path()), owner.script, stable_unit(owner.unit), owner.container};
}

using Owners = std::vector<const Owner*>;

struct Split {
  Owners managers;
  Owners others;

  // Those that count: the managers only where nobody else is there.
  [[nodiscard]] const Owners& counted() const { return others.empty() ? managers : others; }
};

Split split(const Service& service) {
  Split split;
  for (const Owner& owner : service.owners) {
    (owner.manager ? split.managers : split.others).push_back(&owner);
  }
  return split;
}

std::set<Code> codes_of(const Owners& owners) {
  std::set<Code> codes;
  for (const Owner* owner : owners) {
    codes.insert(code_of(*owner));
  }
  return codes;
}

bool share_descriptor(const Owner& left, const Owner& right) {
  return std::any_of(left.fds.begin(), left.fds.end(), [&](schema::Fd fd) {
    return std::find(right.fds.begin(), right.fds.end(), fd) != right.fds.end();
  });
}

// A child that was started with the descriptors of an owner and did not close them; its own
// children as well: a shell that runs a command.
bool inherited(const Owner& owner, const Service& service, const std::set<Code>& known) {
  const Owner* child = &owner;
  // Each step leads to another owner; more steps than there are owners would be a circle.
  for (std::size_t step = 0; step < service.owners.size(); ++step) {
    const auto parent =
        std::find_if(service.owners.begin(), service.owners.end(), [&](const Owner& each) {
          return each.pid && child->parent == each.pid && share_descriptor(*child, each);
        });
    if (parent == service.owners.end()) {
      return false;
    }
    if (known.contains(code_of(*parent))) {
      return true;
    }
    child = &*parent;
  }
  return false;
}

// systemd-socket-activate becomes the program that it waited for.
bool becomes_another(const Owner& manager) {
  return manager.path().ends_with("/systemd-socket-activate");
}

// A manager gives the endpoint to a program of its own choice, and takes it back when that ends.
bool handed_over(const Split& before, const Split& after) {
  if (before.managers.empty() || !before.others.empty() || after.others.empty()) {
    return false;
  }
  if (!after.managers.empty()) {
    return codes_of(before.managers) == codes_of(after.managers);
  }
  return std::any_of(before.managers.begin(), before.managers.end(), [&](const Owner* manager) {
    return becomes_another(*manager) || after.others.front()->parent == manager->pid;
  });
}

using Users = std::map<Code, std::set<std::string>>;

Users users_of(const Owners& owners) {
  Users users;
  for (const Owner* owner : owners) {
    users[code_of(*owner)].insert(owner->user);
  }
  return users;
}

// The user of a program changed when none of its users is left, or when root is new among them.
Owners find_user_changes(const Owners& before, const Owners& after) {
  const Users known = users_of(before);
  const Users now = users_of(after);
  Owners changed;
  for (const Owner* owner : after) {
    const auto old = known.find(code_of(*owner));
    if (old == known.end() || old->second.contains(owner->user)) {
      continue;
    }
    const auto& users = now.at(code_of(*owner));
    const bool somebody_stayed = std::any_of(
        users.begin(), users.end(), [&](const auto& user) { return old->second.contains(user); });
    if (!somebody_stayed || owner->uid == schema::Uid(0)) {
      changed.push_back(owner);
    }
  }
  return changed;
}

const Owner* with_code(const Owners& owners, const Code& code) {
  const auto found = std::find_if(
      owners.begin(), owners.end(), [&](const Owner* owner) { return code_of(*owner) == code; });
  return found == owners.end() ? nullptr : *found;
}

OwnerComparison compare_visible(const ServiceSet& before_set,
                                const Service& before,
                                const Service& after) {
  const Split old = split(before);
  const Split now = split(after);
  if (handed_over(old, now) || handed_over(now, old)) {
    return {};
  }
  const std::set<Code> known = codes_of(old.counted());
  const std::set<Code> present = codes_of(now.counted());
  const bool somebody_stayed = std::any_of(
      known.begin(), known.end(), [&](const Code& code) { return present.contains(code); });
  OwnerComparison result;
  // Whoever a gap may have hidden then may have been there all along.
  const auto was_hidden = [&](const Owner& owner) {
    const bool hidden = find_owner_gap(before_set, owner.pid).has_value();
    if (hidden && result.verdict == Verdict::Same) {
      result = {Verdict::Unseen, old.counted().front(), &owner, somebody_stayed};
    }
    return hidden;
  };
  for (const Owner* owner : now.counted()) {
    if (known.contains(code_of(*owner))) {
      continue;
    }
    const OwnerComparison found{Verdict::Changed, old.counted().front(), owner, somebody_stayed};
    if (somebody_stayed && inherited(*owner, after, known)) {
      result = {Verdict::Inherited, found.before, owner, true};
    } else if (!was_hidden(*owner)) {
      return found;
    }
  }
  for (const Owner* owner : find_user_changes(old.counted(), now.counted())) {
    if (!was_hidden(*owner)) {
      return {Verdict::Changed, with_code(old.counted(), code_of(*owner)), owner, false};
    }
  }
  return result;
}

}  // namespace

bool owners_unseen(const Service& service) {
  if (service.owners.empty()) {
    return service.no_holder != NoHolderReason::Kernel;
  }
  return std::any_of(service.owners.begin(), service.owners.end(), [](const Owner& owner) {
    return !owner.program && !owner.manager;
  });
}

bool owners_younger(const schema::Service& service, schema::WallTime then) {
  return !service.owners.empty() &&
         std::all_of(service.owners.begin(), service.owners.end(), [&](const Owner& owner) {
           return owner.started_at && *owner.started_at > then;
         });
}

OwnerComparison compare_owners(const ServiceSet& before_set,
                               const Service& before,
                               const Service& after) {
  if (owners_unseen(before) || owners_unseen(after)) {
    return {Verdict::Unseen, principal(before), principal(after), false};
  }
  if (before.owners.empty() || after.owners.empty()) {
    const bool same = before.owners.empty() && after.owners.empty();
    return {same ? Verdict::Same : Verdict::Changed, principal(before), principal(after), false};
  }
  return compare_visible(before_set, before, after);
}

}  // namespace sockwitness::query
