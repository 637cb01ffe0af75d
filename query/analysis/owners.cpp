#include "query/analysis/owners.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "query/analysis/coverage.h"

namespace sockwitness::query {
namespace {

using schema::NoHolderReason;
using schema::Owner;
using schema::Service;
using Verdict = OwnerComparison::Verdict;

using Owners = std::vector<const Owner*>;

struct Split {
  Owners managers;
  Owners others;

  // Those that count: managers only where there is no other owner.
  [[nodiscard]] const Owners& counted() const { return others.empty() ? managers : others; }
};

Split split(const Service& service) {
  Split split;
  for (const Owner& owner : service.owners) {
    (owner.manager ? split.managers : split.others).push_back(&owner);
  }
  return split;
}

// Workers of one program may run as another user than their master: the user is compared apart.
bool contains_code(const Owners& owners, const Owner& wanted) {
  return std::any_of(owners.begin(), owners.end(), [&](const Owner* owner) {
    return schema::may_be_same_code(*owner, wanted);
  });
}

bool same_codes(const Owners& left, const Owners& right) {
  const auto all_in = [](const Owners& some, const Owners& others) {
    return std::all_of(some.begin(), some.end(), [&](const Owner* owner) {
      return contains_code(others, *owner);
    });
  };
  return all_in(left, right) && all_in(right, left);
}

bool share_descriptor(const Owner& left, const Owner& right) {
  return std::any_of(left.fds.begin(), left.fds.end(), [&](schema::Fd fd) {
    return std::find(right.fds.begin(), right.fds.end(), fd) != right.fds.end();
  });
}

// A child that was started with the descriptors of an owner and did not close them; its own
// children as well: a shell that runs a command.
bool inherited(const Owner& owner, const Service& service, const Owners& known) {
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
    if (contains_code(known, *parent)) {
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
    return same_codes(before.managers, after.managers);
  }
  return std::any_of(before.managers.begin(), before.managers.end(), [&](const Owner* manager) {
    return becomes_another(*manager) || after.others.front()->parent == manager->pid;
  });
}

// The user of a program changed when none of its users is left, or when root is new among them.
Owners find_user_changes(const Owners& before, const Owners& after) {
  Owners changed;
  for (const Owner* owner : after) {
    Owners old;
    std::copy_if(before.begin(), before.end(), std::back_inserter(old), [&](const Owner* each) {
      return schema::may_be_same_code(*each, *owner);
    });
    const auto is_known = [&](const Owner& user) {
      return std::any_of(old.begin(), old.end(), [&](const Owner* each) {
        return schema::may_be_same_user(*each, user);
      });
    };
    if (old.empty() || is_known(*owner)) {
      continue;
    }
    const bool an_owner_stayed = std::any_of(after.begin(), after.end(), [&](const Owner* each) {
      return schema::may_be_same_code(*each, *owner) && is_known(*each);
    });
    if (!an_owner_stayed || owner->uid == schema::Uid(0)) {
      changed.push_back(owner);
    }
  }
  return changed;
}

const Owner* find_code(const Owners& owners, const Owner& wanted) {
  const auto found = std::find_if(owners.begin(), owners.end(), [&](const Owner* owner) {
    return schema::may_be_same_code(*owner, wanted);
  });
  return found == owners.end() ? nullptr : *found;
}

// Of each side the first that was not read completely; of the other one the owners it may be.
OwnerComparison find_half_read(const Owners& before, const Owners& after) {
  for (const Owner* owner : after) {
    const Owner* old = find_code(before, *owner);
    if (old != nullptr &&
        (schema::is_partly_unread(*owner) || schema::is_partly_unread(*old) ||
         schema::hides_app(*old, *owner) || schema::hides_both_apps(*old, *owner))) {
      return {Verdict::Unseen, old, owner, true};
    }
  }
  return {};
}

OwnerComparison compare_visible(const schema::Visibility& visibility,
                                const Service& before,
                                const Service& after) {
  const Split old = split(before);
  const Split now = split(after);
  if (handed_over(old, now) || handed_over(now, old)) {
    return {};
  }
  const Owners& known = old.counted();
  const bool an_owner_stayed = std::any_of(known.begin(), known.end(), [&](const Owner* owner) {
    return contains_code(now.counted(), *owner);
  });
  OwnerComparison result;
  // Whoever a gap may have hidden then may have been there all along.
  const auto was_hidden = [&](const Owner& owner) {
    const bool hidden = find_owner_gap(visibility, owner.pid).has_value();
    if (hidden && result.verdict == Verdict::Same) {
      result = {Verdict::Unseen, old.counted().front(), &owner, an_owner_stayed};
    }
    return hidden;
  };
  for (const Owner* owner : now.counted()) {
    if (contains_code(known, *owner)) {
      continue;
    }
    const OwnerComparison found{Verdict::Changed, old.counted().front(), owner, an_owner_stayed};
    if (was_hidden(*owner)) {
      continue;
    }
    if (!an_owner_stayed || !inherited(*owner, after, known)) {
      return found;
    }
    result = {Verdict::Inherited, found.before, owner, true};
  }
  for (const Owner* owner : find_user_changes(old.counted(), now.counted())) {
    if (!was_hidden(*owner)) {
      return {Verdict::Changed, find_code(old.counted(), *owner), owner, false};
    }
  }
  return result.verdict == Verdict::Same ? find_half_read(known, now.counted()) : result;
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

bool owners_doubtful(const Service& service) {
  return owners_unseen(service) ||
         std::any_of(service.owners.begin(), service.owners.end(), schema::is_partly_unread);
}

bool owners_younger(const schema::Service& service, schema::WallTime then) {
  return !service.owners.empty() &&
         std::all_of(service.owners.begin(), service.owners.end(), [&](const Owner& owner) {
           return owner.started_at && *owner.started_at > then;
         });
}

OwnerComparison compare_owners(const schema::Visibility& visibility,
                               const Service& before,
                               const Service& after) {
  if (owners_unseen(before) || owners_unseen(after)) {
    // Whose the socket is was read all the same.
    const bool other_user =
        before.made_by && after.made_by && before.made_by->uid != after.made_by->uid;
    OwnerComparison result{other_user ? Verdict::Changed : Verdict::Unseen,
                           principal(before),
                           principal(after),
                           false};
    if (other_user) {
      result.maker_before = before.made_by;
      result.maker_after = after.made_by;
    }
    return result;
  }
  if (before.owners.empty() || after.owners.empty()) {
    const bool same = before.owners.empty() && after.owners.empty();
    return {same ? Verdict::Same : Verdict::Changed, principal(before), principal(after), false};
  }
  return compare_visible(visibility, before, after);
}

}  // namespace sockwitness::query
