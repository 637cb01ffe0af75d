#include "query/analysis/history/recurrence.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "query/analysis/change_words.h"
#include "query/analysis/owners.h"
#include "schema/base/time.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Owner;

bool has_port(const Endpoint& endpoint) {
  return endpoint.family == schema::Family::Ipv4 || endpoint.family == schema::Family::Ipv6;
}

bool may_recur(const Change& change) {
  switch (change.kind) {
    case ChangeKind::NewListener:
    case ChangeKind::VanishedService:
      return change.severity != Severity::Info && has_port(change.endpoint);
    case ChangeKind::Restarted:
      return has_port(change.endpoint);
    default:
      return false;
  }
}

bool same_people(const schema::Service& service, const std::vector<Owner>& earlier) {
  return !service.owners.empty() && !owners_unseen(service) &&
         std::all_of(service.owners.begin(), service.owners.end(), [&](const Owner& owner) {
           return std::any_of(earlier.begin(), earlier.end(), [&](const Owner& other) {
             return other.program && schema::may_be_same(owner, other);
           });
         });
}

std::string seen_words(const EarlierService& service) {
  return fmt::format(
      "in snapshot {} at {}", service.last.value(), schema::format_utc(service.last_at));
}

void tell_flapping(const Recurrence& recurrence, Change& change) {
  change.kind = ChangeKind::Flapping;
  change.severity = Severity::Medium;
  change.why = flapping_words(recurrence);
}

void tell_new(const Recurrence& recurrence, Change& change) {
  const auto& earlier = recurrence.earlier;
  const auto known =
      std::find_if(earlier.begin(), earlier.end(), [&](const EarlierService& service) {
        return same_people(*change.after, service.owners);
      });
  if (known != earlier.end() && is_flapping(recurrence)) {
    tell_flapping(recurrence, change);
  } else if (known != earlier.end()) {
    change.kind = ChangeKind::Reopened;
    change.severity = Severity::Medium;
    change.why = "the same service was seen here before, last " + seen_words(*known);
  } else if (!earlier.empty()) {
    const auto& owners = earlier.front().owners;
    change.why = fmt::format(
        "nothing listened here on the earlier side; {} it was {}",
        seen_words(earlier.front()),
        owners.empty() ? "somebody who could not be seen" : owner_words(&owners.front()));
  }
}

const Recurrence* find(std::span<const Recurrence> recurrences, const Endpoint& endpoint) {
  const auto found = std::lower_bound(
      recurrences.begin(),
      recurrences.end(),
      endpoint,
      [](const Recurrence& recurrence, const Endpoint& key) { return recurrence.endpoint < key; });
  return found != recurrences.end() && found->endpoint == endpoint ? &*found : nullptr;
}

}  // namespace

bool is_flapping(const Recurrence& recurrence) {
  constexpr std::uint32_t kStillSteady = 2;
  return std::max(recurrence.came, recurrence.went) > kStillSteady;
}

std::string flapping_words(const Recurrence& recurrence) {
  return fmt::format("it came {} times and went {} times since {}",
                     recurrence.came,
                     recurrence.went,
                     schema::format_utc(recurrence.since));
}

std::vector<RecurrenceCandidate> recurrence_candidates(const Diff& diff) {
  std::map<Endpoint, bool> found;
  for (const Change& change : diff.changes) {
    if (may_recur(change)) {
      found[change.endpoint] |= change.kind == ChangeKind::NewListener;
    }
  }
  std::vector<RecurrenceCandidate> candidates;
  for (const auto& [endpoint, is_new] : found) {
    candidates.push_back({endpoint, is_new});
  }
  return candidates;
}

void count_swings(std::span<const Interval> spans, bool present, Recurrence& recurrence) {
  for (const Interval& span : spans) {
    recurrence.came += span.not_before ? 1U : 0U;
    recurrence.went += span.not_after ? 1U : 0U;
  }
  const bool there_at_last = !spans.empty() && !spans.back().not_after;
  recurrence.came += present && !there_at_last ? 1U : 0U;
  recurrence.went += !present && there_at_last ? 1U : 0U;
}

void tell_recurrences(Diff& diff, std::span<const Recurrence> recurrences) {
  std::vector<Change> more;
  for (Change& change : diff.changes) {
    const Recurrence* recurrence = may_recur(change) ? find(recurrences, change.endpoint) : nullptr;
    if (recurrence == nullptr) {
      continue;
    }
    if (change.kind == ChangeKind::NewListener) {
      tell_new(*recurrence, change);
    } else if (is_flapping(*recurrence)) {
      Change& told = change.kind == ChangeKind::Restarted ? more.emplace_back(change) : change;
      tell_flapping(*recurrence, told);
    }
  }
  for (const Recurrence& recurrence : recurrences) {
    if (recurrence.only && is_flapping(recurrence)) {
      more.push_back({.kind = ChangeKind::Flapping,
                      .severity = Severity::Medium,
                      .endpoint = recurrence.endpoint,
                      .before = recurrence.only,
                      .after = std::nullopt,
                      .why = "neither side shows it: " + flapping_words(recurrence)});
    }
  }
  diff.changes.insert(diff.changes.end(), more.begin(), more.end());
  sort_changes(diff.changes);
}

}  // namespace sockwitness::query
