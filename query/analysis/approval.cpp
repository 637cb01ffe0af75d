#include "query/analysis/approval.h"

#include <algorithm>
#include <map>

namespace sockwitness::query {
namespace {

using schema::WallTime;

// When an answer may become another one, ascending.
std::vector<WallTime> change_points(const Policy& policy, const schema::Baseline* baseline) {
  std::vector<WallTime> points;
  for (const PolicyEntry& entry : policy.entries) {
    if (entry.expires) {
      points.push_back({end_of_day(*entry.expires).microseconds + 1});
    }
    if (entry.holds_from) {
      points.push_back(*entry.holds_from);
    }
    if (entry.holds_until) {
      points.push_back({entry.holds_until->microseconds + 1});
    }
  }
  if (baseline != nullptr) {
    points.push_back(baseline->info.made_at);
    for (const schema::Service& service : baseline->set.services) {
      if (service.accepted) {
        points.push_back(service.accepted->at);
      }
      if (service.accepted && service.accepted->until) {
        points.push_back(*service.accepted->until);
      }
    }
  }
  std::sort(points.begin(), points.end());
  return points;
}

// The baseline as it was: without what was accepted later.
std::optional<schema::Baseline> baseline_at(const schema::Baseline* baseline, WallTime at) {
  if (baseline == nullptr || at < baseline->info.made_at) {
    return std::nullopt;
  }
  schema::Baseline then = *baseline;
  std::erase_if(then.set.services, [&](const schema::Service& service) {
    return service.accepted && at < service.accepted->at;
  });
  return then;
}

Approval approval_of(const Account& account) {
  return {.status = account.status,
          .reason = account.reason,
          .approved_by = account.approved_by,
          .ticket = account.entry == nullptr ? std::string() : account.entry->ticket,
          .since = account.approved_since,
          .expires = account.expires,
          .obstacle = account.obstacle};
}

}  // namespace

std::string_view approval_word(const Approval& approval) {
  return approval.is_later() ? "later" : account_status_word(approval.status);
}

std::vector<Approval> find_approvals(std::span<const ApprovalQuestion> questions,
                                     const Policy& policy,
                                     const schema::Baseline* baseline) {
  const auto points = change_points(policy, baseline);
  std::map<std::ptrdiff_t, std::vector<std::size_t>> by_epoch;
  for (std::size_t at = 0; at < questions.size(); ++at) {
    const auto epoch = std::upper_bound(points.begin(), points.end(), questions[at].at);
    by_epoch[epoch - points.begin()].push_back(at);
  }
  std::vector<Approval> approvals(questions.size());
  for (const auto& [epoch, members] : by_epoch) {
    const WallTime at = questions[members.front()].at;
    const auto then = baseline_at(baseline, at);
    schema::ServiceSet set;
    for (const std::size_t member : members) {
      set.services.push_back(*questions[member].service);
      set.services.back().standing = schema::Standing::Listener;
    }
    const AccountBook book = account_for(set, policy, then ? &*then : nullptr, at, true);
    for (const Account& account : book.accounts) {
      const auto place = static_cast<std::size_t>(account.service - set.services.data());
      approvals[members[place]] = approval_of(account);
    }
  }
  return approvals;
}

}  // namespace sockwitness::query
