#include "recorder/write/service_union.h"

#include <algorithm>
#include <set>

#include "schema/view/owner_key.h"

namespace sockwitness::recorder {

using schema::Gap;
using schema::Service;
using schema::ServiceSet;
using schema::Standing;

namespace {

// Who answers could be read, or that it is the kernel.
bool is_known(const Service& service) {
  if (service.owners.empty()) {
    return service.no_holder == schema::NoHolderReason::Kernel;
  }
  return std::none_of(service.owners.begin(), service.owners.end(), [](const schema::Owner& owner) {
    return (!owner.program && !owner.manager) || schema::is_partly_unread(owner);
  });
}

}  // namespace

void ServiceUnion::add(schema::Seq seq, const ServiceSet& set) {
  ++snapshots_;
  as_of_ = std::max(as_of_, set.as_of);
  for (const schema::Netns& netns : set.namespaces) {
    namespaces_.emplace(netns.label, netns);
  }
  std::set<Hidden> hidden;
  for (Gap gap : set.gaps) {
    std::string label;
    if (gap.netns) {
      label = set.namespaces.at(gap.netns->value()).label;
      gap.netns = schema::NetnsIndex();
    }
    hidden.insert({std::move(gap), std::move(label)});
  }
  for (const Hidden& gap : hidden) {
    ++gaps_[gap];
  }
  for (const Service& service : set.services) {
    if (service.standing > Standing::Unknown) {
      continue;
    }
    const auto [entry, is_new] = services_.try_emplace(service.endpoint, service);
    schema::Share share = entry->second.share.value_or(schema::Share{seq, seq, 0});
    share.last = seq;
    ++share.snapshots;
    const Standing standing = std::min(entry->second.standing, service.standing);
    if (is_known(service) || !is_known(entry->second)) {
      entry->second = service;
    }
    entry->second.standing = standing;
    entry->second.share = share;
  }
}

ServiceSet ServiceUnion::take(std::uint32_t least_share_percent) {
  ServiceSet set;
  set.as_of = as_of_;
  std::map<std::string, std::uint32_t> numbers;
  for (const auto& [label, netns] : namespaces_) {
    numbers.emplace(label, static_cast<std::uint32_t>(set.namespaces.size()));
    set.namespaces.push_back(netns);
  }
  for (const auto& [hidden, snapshots] : gaps_) {
    if (snapshots < snapshots_) {
      continue;
    }
    Gap gap = hidden.first;
    if (gap.netns) {
      gap.netns = schema::NetnsIndex(numbers.at(hidden.second));
    }
    set.gaps.push_back(std::move(gap));
  }
  left_out_ = 0;
  for (auto& [endpoint, service] : services_) {
    const std::uint64_t seen = service.share ? service.share->snapshots : 0;
    if (seen * 100 < std::uint64_t{least_share_percent} * snapshots_) {
      ++left_out_;
    } else {
      set.services.push_back(std::move(service));
    }
  }
  services_.clear();
  return set;
}

}  // namespace sockwitness::recorder
