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

// A child that was started with the descriptors of an owner and did not close them.
bool inherited(const Owner& owner, const Service& service, const std::set<Code>& known) {
  return std::any_of(service.owners.begin(), service.owners.end(), [&](const Owner& parent) {
    return parent.pid && owner.parent == parent.pid && known.contains(code_of(parent)) &&
           share_descriptor(owner, parent);
  });
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
const Owner* find_user_change(const Owners& before, const Owners& after) {
  const Users known = users_of(before);
  const Users now = users_of(after);
  for (const Owner* owner : after) {
    const auto old = known.find(code_of(*owner));
    if (old == known.end() || old->second.contains(owner->user)) {
      continue;
    }
    const auto& users = now.at(code_of(*owner));
    const bool somebody_stayed = std::any_of(
        users.begin(), users.end(), [&](const auto& user) { return old->second.contains(user); });
    if (!somebody_stayed || owner->uid == schema::Uid(0)) {
      return owner;
    }
  }
  return nullptr;
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
  for (const Owner* owner : now.counted()) {
    if (known.contains(code_of(*owner))) {
      continue;
    }
    const OwnerComparison found{Verdict::Changed, old.counted().front(), owner, somebody_stayed};
    if (!somebody_stayed) {
      return found;
    }
    if (inherited(*owner, after, known)) {
      result = {Verdict::Inherited, found.before, owner, true};
    } else if (!find_owner_gap(before_set, owner->pid)) {
      return found;
    }
  }
  if (const Owner* changed = find_user_change(old.counted(), now.counted())) {
    return {Verdict::Changed, with_code(old.counted(), code_of(*changed)), changed, false};
  }
  return result;
}

}  // namespace

std::string stable_unit(std::string_view unit) {
  const auto numbered = [&](std::string_view prefix, std::string_view suffix) {
    return unit.starts_with(prefix) && unit.ends_with(suffix);
  };
  if (numbered("session-", ".scope")) {
    return "session.scope";
  }
  if (numbered("run-", ".scope") || numbered("run-", ".service")) {
    return numbered("run-", ".scope") ? "run.scope" : "run.service";
  }
  return std::string(unit);
}

OwnerKey key_of(const Owner& owner) {
  return {std::string(owner.path()),
          owner.script,
          owner.user,
          stable_unit(owner.unit),
          owner.container};
}

const Owner* principal(const Service& service) {
  const Split parts = split(service);
  return parts.counted().empty() ? nullptr : parts.counted().front();
}

bool owners_unseen(const Service& service) {
  if (service.owners.empty()) {
    return service.no_holder != NoHolderReason::Kernel;
  }
  return std::any_of(service.owners.begin(), service.owners.end(), [](const Owner& owner) {
    return !owner.program && !owner.manager;
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
