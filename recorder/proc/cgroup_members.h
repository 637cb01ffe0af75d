// Which processes a control group has: the kernel's other list of processes, which what hides them
// from the one in /proc has often forgotten.
//
// In:    the recorder's own /proc/self/mountinfo, the root of the host, paths of control groups.
// Out:   pids of the caller's pid namespace.
// Never: fails: a hierarchy or a group that cannot be read has nothing to say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/model/ids.h"

namespace sockwitness::recorder {

// Lines of cgroup.procs; 0 stands for a process of another pid namespace and is left out.
[[nodiscard]] std::vector<schema::Pid> parse_members(std::string_view text);

// Of the unified and the systemd hierarchies, as far as they are mounted.
[[nodiscard]] std::vector<schema::Pid> read_members(std::string_view mountinfo,
                                                    int host,
                                                    const std::vector<std::string>& cgroups);

}  // namespace sockwitness::recorder
