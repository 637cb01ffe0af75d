// Network namespaces that were labelled by the id of a container before its name could be read.
//
// In:    earlier labels; the containers of the later side, by their ids.
// Out:   which earlier label is which later one.
// Never: matches containers with different ids.
#pragma once

#include <map>
#include <string>

#include "query/analysis/compared_side.h"
#include "schema/model/snapshot.h"

namespace sockwitness::query {

// By id: the label of the namespace that the container lives in.
using ContainerLabels = std::map<std::string, std::string>;

[[nodiscard]] ContainerLabels labels_of_containers(const Services& services);
[[nodiscard]] ContainerLabels labels_of_containers(const schema::Snapshot& snapshot);

// By label of before, "container ID": files before format 7 have no names.
[[nodiscard]] std::map<std::string, std::string> find_named_containers(
    const schema::Visibility& before, const ContainerLabels& now);

}  // namespace sockwitness::query
