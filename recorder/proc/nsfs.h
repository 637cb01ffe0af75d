// Descriptors of network namespaces.
//
// In:    a path that should lead to an nsfs file, or an open socket.
// Out:   the open namespace and its inode.
// Never: opens something else for long: what is no network namespace is an error (EINVAL).
#pragma once

#include <memory>

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"
#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct OpenNetns {
  std::shared_ptr<const UniqueFd> descriptor;
  schema::Inode inode;
};

[[nodiscard]] Result<OpenNetns> open_netns_at(int directory, const char* path);

// Checks an open descriptor and takes it over.
[[nodiscard]] Result<OpenNetns> adopt_netns(UniqueFd descriptor);

}  // namespace sockwitness::recorder
