#include "query/spool/service_rows.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "query/analysis/coverage.h"
#include "query/analysis/owners.h"
#include "query/spool/row_name.h"

namespace sockwitness::query {
namespace {

using schema::Endpoint;
using schema::Seq;
using schema::SeqRange;
using schema::Service;
using schema::ServiceSet;

std::string name_row(const Endpoint& place, const Stamp& first) {
  return row_name("service",
                  {place.netns,
                   fmt::format("{} {} {}",
                               static_cast<unsigned>(place.protocol),
                               static_cast<unsigned>(place.family),
                               place.port.value()),
                   std::string(place.address.bytes()),
                   place.name,
                   place.device,
                   fmt::format("{}", first.seq.value())});
}

bool is_other_owner(const Change& change) {
  return change.kind == ChangeKind::OwnerChanged || change.kind == ChangeKind::ForwardingChanged;
}

}  // namespace

ServiceRows::ServiceRows(std::vector<OpenService> open, TimeOf time_of)
    : time_of_(std::move(time_of)) {
  for (OpenService& service : open) {
    Endpoint endpoint = service.endpoint;
    rows_.emplace(std::move(endpoint), std::move(service));
  }
}

std::optional<Stamp> ServiceRows::stamp_of(const std::optional<Seq>& seq) const {
  const auto time = seq ? time_of_(*seq) : std::nullopt;
  return time ? std::optional(Stamp{*seq, *time}) : std::nullopt;
}

// What showed it last may be gone: then what the row says itself.
Stamp ServiceRows::last_of(const OpenService& row, Seq seq) const {
  return stamp_of(std::max(seq, row.first.seq)).value_or(row.last);
}

void ServiceRows::remember_arrivals(const SeqRange& snapshots, const StateChanges& step) {
  for (const Departure& departure : step.gone) {
    waiting_.erase(departure.endpoint);
  }
  for (const EndpointRename& rename : step.renamed) {
    if (auto node = waiting_.extract(rename.from)) {
      node.key() = rename.to;
      waiting_.insert(std::move(node));
    }
  }
  for (const Arrival& arrival : step.came) {
    if (const auto first = stamp_of(snapshots.first)) {
      waiting_.insert_or_assign(arrival.endpoint, Beginning{*first, stamp_of(arrival.not_before)});
    }
  }
}

void ServiceRows::skip(const SeqRange& snapshots, const StateChanges& step) {
  remember_arrivals(snapshots, step);
}

void ServiceRows::end(const Endpoint& endpoint, Seq last, const Stamp& now) {
  const auto row = rows_.find(endpoint);
  if (row == rows_.end()) {
    return;
  }
  row->second.last = last_of(row->second, last);
  lines_.push_back({std::move(row->second), now, now});
  rows_.erase(row);
}

// One row ends and another begins at the same place.
void ServiceRows::end_changed_owners(const StateChanges& step, const Stamp& now) {
  for (const DatedChange& each : step.changes) {
    const Change& change = each.change;
    if (!is_other_owner(change) || !change.after || !rows_.contains(change.after->endpoint)) {
      continue;
    }
    const Endpoint& place = change.after->endpoint;
    end(place, each.before, now);
    waiting_.insert_or_assign(place, Beginning{now, stamp_of(each.before)});
  }
}

void ServiceRows::see(const Endpoint& place,
                      const Service& service,
                      const SeqRange& snapshots,
                      const ContentOf& content_of) {
  const Stamp now = *stamp_of(snapshots.first);
  auto row = rows_.find(place);
  const bool is_new = row == rows_.end();
  if (is_new) {
    const auto waiting = waiting_.find(place);
    const Beginning beginning =
        waiting == waiting_.end() ? Beginning{now, std::nullopt} : waiting->second;
    OpenService made{.endpoint = place,
                     .row = name_row(place, beginning.first),
                     .first = beginning.first,
                     .not_before = beginning.not_before,
                     .last = now,
                     .content = {}};
    row = rows_.emplace(place, std::move(made)).first;
  }
  row->second.last = stamp_of(snapshots.last).value_or(now);
  // What a gap hides of it now was written when it was visible.
  std::string content =
      is_new || !owners_doubtful(service) ? content_of(service) : row->second.content;
  if (is_new || content != row->second.content) {
    row->second.content = std::move(content);
    lines_.push_back({row->second, now, std::nullopt});
    // The line stands at the first of these snapshots, whichever run writes it.
    lines_.back().service.last = now;
  }
}

// Rows of snapshots that are gone: comparisons that began later do not know them.
void ServiceRows::end_forgotten(const ServiceSet& set, const Stamp& now) {
  std::vector<Endpoint> ended;
  for (const auto& [endpoint, row] : rows_) {
    const bool known = waiting_.contains(endpoint) ||
                       std::any_of(set.services.begin(), set.services.end(), [&](const auto& each) {
                         return each.endpoint == endpoint;
                       });
    if (!known && !find_covering_gap(set, endpoint)) {
      ended.push_back(endpoint);
    }
  }
  for (const Endpoint& endpoint : ended) {
    end(endpoint, rows_.at(endpoint).last.seq, now);
  }
}

void ServiceRows::add(const SeqRange& snapshots,
                      const ServiceSet& set,
                      const StateChanges& step,
                      const ContentOf& content_of,
                      std::vector<ServiceLine>& lines) {
  const Stamp now = *stamp_of(snapshots.first);
  lines_.clear();
  for (const EndpointRename& rename : step.renamed) {
    if (auto node = rows_.extract(rename.from)) {
      node.key() = rename.to;
      node.mapped().endpoint = rename.to;
      rows_.insert(std::move(node));
    }
  }
  for (const Departure& departure : step.gone) {
    end(departure.endpoint, departure.last, now);
  }
  remember_arrivals(snapshots, step);
  end_changed_owners(step, now);
  std::map<Endpoint, Endpoint> completed;
  for (const EndpointRename& each : step.completed) {
    completed.emplace(each.from, each.to);
  }
  for (const Service& service : set.services) {
    if (service.standing == schema::Standing::Listener) {
      const auto place = completed.find(service.endpoint);
      see(place == completed.end() ? service.endpoint : place->second,
          service,
          snapshots,
          content_of);
    }
  }
  end_forgotten(set, now);
  std::move(lines_.begin(), lines_.end(), std::back_inserter(lines));
}

std::vector<OpenService> ServiceRows::open() const {
  std::vector<OpenService> open;
  for (const auto& [endpoint, row] : rows_) {
    open.push_back(row);
  }
  return open;
}

}  // namespace sockwitness::query
