// The same thing under another name: network namespaces across snapshots, users by their uid.
//
// In:    the services of two observations of one host.
// Out:   which earlier label is which later one; owners whose user has another name.
// Never: takes a namespace for the same by its inode alone: the kernel gives numbers again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "query/analysis/compared_side.h"

namespace sockwitness::query {

// By label of before: the label that the namespace has now. Only where it is another one, and a
// process that served in it then still does, or the old label is the id of a container in it.
[[nodiscard]] std::map<std::string, std::string> find_renamed_namespaces(
    const schema::Visibility& before,
    const Services& services_before,
    const schema::Visibility& after,
    const Services& services_after);

// The services of `before` under the labels of now.
[[nodiscard]] schema::ServiceSet with_labels(const schema::ServiceSet& before,
                                             const std::map<std::string, std::string>& labels);

// An owner of before and one of now with one uid, whose names differ; nothing where no name was
// read. A number that stands for a name is none.
[[nodiscard]] std::optional<std::pair<const schema::Owner*, const schema::Owner*>>
find_renamed_user(const schema::Service& before, const schema::Service& after);

}  // namespace sockwitness::query
