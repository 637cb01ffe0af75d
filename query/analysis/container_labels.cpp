#include "query/analysis/container_labels.h"

#include <string_view>

#include "schema/base/scan.h"
#include "schema/view/stable_name.h"

namespace sockwitness::query {
namespace {

void add(ContainerLabels& labels, const std::string& container, const std::string& label) {
  if (!container.empty() && label.starts_with("container ")) {
    labels.emplace(container, label);
  }
}

}  // namespace

ContainerLabels labels_of_containers(const Services& services) {
  ContainerLabels labels;
  for (const schema::Service* service : services) {
    for (const schema::Owner& owner : service->owners) {
      add(labels, owner.container, service->endpoint.netns);
    }
  }
  return labels;
}

ContainerLabels labels_of_containers(const schema::Snapshot& snapshot) {
  ContainerLabels labels;
  for (const schema::Process& process : snapshot.processes) {
    if (process.netns) {
      add(labels, process.container, snapshot.namespaces.at(process.netns->value()).label);
    }
  }
  return labels;
}

std::map<std::string, std::string> find_named_containers(const schema::Visibility& before,
                                                         const ContainerLabels& now) {
  std::map<std::string, std::string> labels;
  for (const schema::Netns& old : before.namespaces) {
    std::string_view id = old.label;
    if (!schema::has_drawn_id(id) || !schema::scan_literal(id, "container ")) {
      continue;  // a name that somebody gave: what lies in it now may be another's
    }
    const auto found = now.find(std::string(id));
    if (found != now.end() && found->second != old.label) {
      labels.emplace(old.label, found->second);
    }
  }
  return labels;
}

}  // namespace sockwitness::query
