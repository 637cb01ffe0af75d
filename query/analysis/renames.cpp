#include "query/analysis/renames.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "query/analysis/container_labels.h"
#include "schema/view/owner_key.h"

namespace sockwitness::query {
namespace {

using schema::Owner;
using schema::Service;
using schema::ServiceSet;

using Process = std::pair<schema::Pid, schema::BootTime>;

std::set<Process> processes_in(const Services& services, const std::string& label) {
  std::set<Process> processes;
  for (const Service* service : services) {
    for (const Owner& owner : service->owners) {
      if (service->endpoint.netns == label && owner.pid && owner.start != schema::BootTime{}) {
        processes.emplace(*owner.pid, owner.start);
      }
    }
  }
  return processes;
}

bool share_life(const Services& before,
                const std::string& old,
                const Services& after,
                const std::string& now) {
  const std::set<Process> processes = processes_in(before, old);
  const std::set<Process> others = processes_in(after, now);
  return std::any_of(processes.begin(), processes.end(), [&](const Process& process) {
    return others.contains(process);
  });
}

bool has_name(const Owner& owner) {
  return !owner.unread.contains(schema::Part::Ids) && owner.user != "?" &&
         owner.user != std::to_string(owner.uid.value());
}

}  // namespace

std::map<std::string, std::string> find_renamed_namespaces(const schema::Visibility& before,
                                                           const Services& services_before,
                                                           const schema::Visibility& after,
                                                           const Services& services_after) {
  auto labels = find_named_containers(before, labels_of_containers(services_after));
  for (const schema::Netns& old : before.namespaces) {
    const auto now =
        std::find_if(after.namespaces.begin(), after.namespaces.end(), [&](const auto& each) {
          return each.inode == old.inode && old.inode != schema::Inode();
        });
    if (now != after.namespaces.end() && now->label != old.label &&
        share_life(services_before, old.label, services_after, now->label)) {
      labels.emplace(old.label, now->label);
    }
  }
  return labels;
}

ServiceSet with_labels(const ServiceSet& before, const std::map<std::string, std::string>& labels) {
  ServiceSet set = before;
  const auto rename = [&](std::string& label) {
    if (const auto found = labels.find(label); found != labels.end()) {
      label = found->second;
    }
  };
  for (schema::Netns& netns : set.namespaces) {
    rename(netns.label);
  }
  for (Service& service : set.services) {
    rename(service.endpoint.netns);
  }
  std::sort(set.services.begin(), set.services.end(), [](const auto& left, const auto& right) {
    return left.endpoint < right.endpoint;
  });
  return set;
}

std::optional<std::pair<const Owner*, const Owner*>> find_renamed_user(const Service& before,
                                                                       const Service& after) {
  for (const Owner& now : after.owners) {
    for (const Owner& old : before.owners) {
      if (old.uid == now.uid && old.user != now.user && has_name(old) && has_name(now) &&
          schema::may_be_same(old, now)) {
        return std::pair(&old, &now);
      }
    }
  }
  return std::nullopt;
}

}  // namespace sockwitness::query
