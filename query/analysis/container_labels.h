// Network namespaces that were called by a container's id before its name could be read.
//
// In:    what was known of before; the containers of now, by their ids.
// Out:   which label of before is which of now.
// Never: a container for another one: the id has to be the same.
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
