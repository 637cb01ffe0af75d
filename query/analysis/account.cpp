#include "query/analysis/account.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/analysis/change_words.h"
#include "query/analysis/container_labels.h"
#include "query/analysis/content.h"
#include "query/analysis/coverage.h"
#include "query/analysis/expected.h"
#include "query/analysis/owners.h"
#include "query/analysis/reach.h"
#include "query/analysis/renames.h"
#include "schema/view/blind_spot.h"
#include "schema/view/forwards.h"
#include "schema/view/services.h"

namespace sockwitness::query {
namespace {

using schema::Service;
using schema::ServiceSet;

std::string unread_words(const Service& service) {
  if (owners_unseen(service)) {
    return "its owner could not be seen";
  }
  schema::Parts unread;
  for (const schema::Owner& owner : service.owners) {
    for (const schema::Part part :
         {schema::Part::Ids, schema::Part::Script, schema::Part::ControlGroup}) {
      if (owner.unread.contains(part)) {
        unread.insert(part);
      }
    }
  }
  std::vector<std::string_view> words;
  if (unread.contains(schema::Part::Ids)) {
    words.emplace_back("user");
  }
  if (unread.contains(schema::Part::Script)) {
    words.emplace_back("script");
  }
  if (unread.contains(schema::Part::ControlGroup)) {
    words.emplace_back("unit");
  }
  return fmt::format("its owner's {} could not be read", fmt::join(words, " and "));
}

// A gap may cover its place.
bool may_be_hidden(const PolicyEntry& entry, const ServiceSet& set) {
  return std::any_of(set.gaps.begin(), set.gaps.end(), [&](const schema::Gap& gap) {
    if (gap.source == schema::GapSource::SocketTable) {
      return entry.protocols.empty() ||
             std::any_of(entry.protocols.begin(), entry.protocols.end(), [&](auto protocol) {
               return gap.object == protocol;
             });
    }
    if (gap.source == schema::GapSource::Registrations) {
      return !entry.rpc_programs.empty();
    }
    if (gap.source == schema::GapSource::NatRules) {
      return true;
    }
    return schema::hides_sockets(gap) && gap.reason != schema::GapReason::NotSupported;
  });
}

class Accountant {
 public:
  Accountant(const Policy& policy,
             const schema::Baseline* baseline,
             const ServiceSet& set,
             schema::WallTime now)
      : policy_(policy), now_(now) {
    if (baseline != nullptr) {
      expected_ = expected_at(*baseline, now);
      made_at_ = baseline->info.made_at;
      const auto labels =
          find_named_containers(expected_.set, labels_of_containers(services_of(set)));
      if (!labels.empty()) {
        expected_.set = with_labels(expected_.set, labels);
      }
    }
  }

  Account account(const Service& service, const ServiceSet& set) {
    Account account;
    account.service = &service;
    if (ask_policy(service, set, account) || ask_baseline(service, account)) {
      return account;
    }
    if (account.status != AccountStatus::Expired && account.obstacle.empty() &&
        owners_doubtful(service)) {
      account.obstacle = unread_words(service);
    }
    return account;
  }

  [[nodiscard]] std::vector<const PolicyEntry*> unmatched(const ServiceSet& set) const {
    std::vector<const PolicyEntry*> entries;
    for (const PolicyEntry& entry : policy_.entries) {
      if (!used_.contains(&entry) && !may_be_hidden(entry, set)) {
        entries.push_back(&entry);
      }
    }
    return entries;
  }

 private:
  // True when an entry approves it; an expired one or a draft is noted.
  bool ask_policy(const Service& service, const ServiceSet& set, Account& account) {
    const bool nameless = is_nameless(service, set);
    bool may_be_meant = false;
    for (const PolicyEntry& entry : policy_.entries) {
      if (!fits(entry, service)) {
        if ((nameless || owners_doubtful(service)) && may_fit(entry, service, set)) {
          used_.insert(&entry);  // a gap hides whether it meets it
          may_be_meant = true;
        }
        continue;
      }
      used_.insert(&entry);
      const bool over = entry.expires && end_of_day(*entry.expires) < now_;
      const bool replaced = entry.holds_until && *entry.holds_until < now_;
      if (entry.is_draft()) {
        note_draft(entry, account);
      } else if (replaced) {
        note_replaced(entry, account);
      } else if (entry.holds_from && now_ < *entry.holds_from) {
        note_later(entry, account);
      } else if (over) {
        if (account.status != AccountStatus::Expired) {
          take(entry, AccountStatus::Expired, account);
        }
      } else {
        account.obstacle.clear();
        take(entry, AccountStatus::Approved, account);
        account.approved_since = entry.holds_from;
        return true;
      }
    }
    if (nameless && may_be_meant && account.obstacle.empty()) {
      account.obstacle = "the names of users could not be read";
    }
    return false;
  }

  static void note_draft(const PolicyEntry& entry, Account& account) {
    if (account.entry == nullptr) {
      account.entry = &entry;
      account.obstacle =
          fmt::format("the policy's entry for it, line {}, gives no reason", entry.line);
    }
  }

  // Of several, the one that approves it first.
  static void note_later(const PolicyEntry& entry, Account& account) {
    if (account.status == AccountStatus::Expired ||
        (account.approved_since && *account.approved_since <= *entry.holds_from)) {
      return;
    }
    account.entry = &entry;
    account.reason = entry.reason;
    account.approved_by = entry.approved_by;
    account.approved_since = entry.holds_from;
    account.obstacle = fmt::format("not approved at that time; approved later, on {}{}",
                                   schema::format_utc(*entry.holds_from),
                                   entry.dated_by_file ? ", the date of the policy's file" : "");
  }

  static void note_replaced(const PolicyEntry& entry, Account& account) {
    if (account.entry == nullptr && account.obstacle.empty()) {
      account.obstacle =
          fmt::format("the policy approved it until {}", schema::format_utc(*entry.holds_until));
    }
  }

  void take(const PolicyEntry& entry, AccountStatus status, Account& account) const {
    account.status = status;
    account.entry = &entry;
    account.reason = entry.reason;
    account.approved_by = entry.approved_by;
    account.approved_since.reset();
    account.expires = entry.expires ? std::optional(end_of_day(*entry.expires)) : std::nullopt;
    account.review_due = entry.review && std::chrono::sys_days(*entry.review).time_since_epoch() <=
                                             std::chrono::microseconds(now_.microseconds);
  }

  // What the baseline has at this place; an RPC program is known by its number, not by its port.
  [[nodiscard]] const Service* find_known(const Service& service) const {
    const auto& known = expected_.set.services;
    const auto same_place = find_place(known, service);
    if (same_place != nullptr || service.rpc.empty()) {
      return same_place;
    }
    const auto found = std::find_if(known.begin(), known.end(), [&](const Service& each) {
      return each.endpoint.netns == service.endpoint.netns &&
             each.endpoint.protocol == service.endpoint.protocol && each.rpc == service.rpc;
    });
    return found == known.end() ? nullptr : &*found;
  }

  static const Service* find_place(const std::vector<Service>& services, const Service& wanted) {
    const auto found = std::find_if(services.begin(), services.end(), [&](const Service& service) {
      return schema::is_at(service, wanted.endpoint) || schema::is_at(wanted, service.endpoint);
    });
    return found == services.end() ? nullptr : &*found;
  }

  bool ask_baseline(const Service& service, Account& account) const {
    if (const Service* known = find_known(service)) {
      account.obstacle = obstacle_between(*known, service);
      if (!account.obstacle.empty()) {
        return false;
      }
      note_known(*known, account);
      account.status = known->accepted ? AccountStatus::Approved : AccountStatus::Baseline;
      return true;
    }
    if (find_covering_gap(expected_.set, service.endpoint)) {
      account.obstacle = "its place could not be looked at when the baseline was made";
    }
    const Service* over = find_place(expected_.expired, service);
    if (over != nullptr && account.status != AccountStatus::Expired) {
      note_known(*over, account);
      account.status = AccountStatus::Expired;
    }
    return false;
  }

  // Why it is not what the baseline has at this place; empty when it is.
  [[nodiscard]] std::string obstacle_between(const Service& known, const Service& service) const {
    const OwnerComparison found = compare_owners(expected_.set, known, service);
    if (found.verdict == OwnerComparison::Verdict::Changed) {
      return owner_change_words(service.endpoint, found);
    }
    if (owners_doubtful(service) && !owners_doubtful(known)) {
      return unread_words(service) + "; in the baseline it was " + owner_words(principal(known));
    }
    const schema::LeadChange lead = schema::compare_forwards(known, service);
    if (lead != schema::LeadChange::Same && lead != schema::LeadChange::Recreated) {
      return rule_target_words(service.endpoint, known.leads_to, service.leads_to);
    }
    for (const ContentChange& change : find_content_changes(known, service)) {
      if (!change.upgrade) {
        return program_change_words(*change.before, *change.after);
      }
    }
    const Reach then = reach_of(known);
    Service told = service;  // facts that are not known now are as they were
    told.v6only = service.v6only ? service.v6only : known.v6only;
    if (service.device_unknown || known.device_unknown) {
      told.endpoint.device = known.endpoint.device;
    }
    const Reach now = reach_of(told);
    return compare_reach(then, now) == ReachChange::Widened ? reach_change_words(then, now) : "";
  }

  void note_known(const Service& known, Account& account) const {
    account.known = &known;
    account.approved_since = known.accepted ? known.accepted->at : made_at_;
    if (known.accepted) {
      account.reason = known.accepted->reason;
      account.approved_by = known.accepted->by;
      account.expires = known.accepted->until;
    }
  }

  const Policy& policy_;
  schema::WallTime now_;
  Expected expected_;
  schema::WallTime made_at_;  // of the baseline
  std::set<const PolicyEntry*> used_;
};

}  // namespace

AccountBook account_for(const ServiceSet& set,
                        const Policy& policy,
                        const schema::Baseline* baseline,
                        schema::WallTime now,
                        bool with_unix) {
  AccountBook book;
  Accountant accountant(policy, baseline, set, now);
  for (const Service& service : set.services) {
    const bool is_unix = service.endpoint.family == schema::Family::Unix;
    if (service.standing != schema::Standing::Listener) {
      book.unjudged += service.standing == schema::Standing::Client ? 0U : 1U;
      continue;
    }
    const Account account = accountant.account(service, set);
    if (!is_unix || with_unix) {
      book.accounts.push_back(account);
    }
  }
  std::stable_sort(
      book.accounts.begin(), book.accounts.end(), [](const Account& left, const Account& right) {
        return std::tuple(right.status, left.service->endpoint) <
               std::tuple(left.status, right.service->endpoint);
      });
  book.unmatched = accountant.unmatched(set);
  return book;
}

std::string_view account_status_word(AccountStatus status) {
  switch (status) {
    case AccountStatus::Approved:
      return "approved";
    case AccountStatus::Baseline:
      return "baseline";
    case AccountStatus::Expired:
      return "expired";
    case AccountStatus::Unexplained:
      break;
  }
  return "unexplained";
}

}  // namespace sockwitness::query
