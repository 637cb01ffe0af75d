// The label of a network namespace: the name that survives a reboot.
//
// In:    how the namespace was found, and the processes that live in it.
// Out:   "host", the name below /run/netns, "container NAME",
//        "container ID", "unit NAME", a mount's path, or "netns
//        INODE".
// Never: the same label for two namespaces of one snapshot.
#pragma once

#include <string>
#include <vector>

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// `processes` with `netns` set to positions in `handles`. The result is parallel to `handles`.
[[nodiscard]] std::vector<std::string> label_namespaces(
    const std::vector<NetnsHandle>& handles, const std::vector<schema::Process>& processes);

}  // namespace sockwitness::recorder
