// Processes that others name and the list in /proc does not: something hides them from it.
//
// In:    the processes of the list, and the members of their control groups.
// Out:   who else is there; which of them were there all the time.
// Never: takes a process for hidden that may have been started meanwhile.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "schema/model/process.h"

namespace sockwitness::recorder {

// The control groups of these processes, each once.
[[nodiscard]] std::vector<std::string> list_cgroups(std::span<const schema::Process> processes);

// Parents, leaders of process groups and of sessions. Some of them have ended long ago.
[[nodiscard]] std::set<schema::Pid> find_named(std::span<const schema::Process> processes);

// Of processes that were found so: those that began before the list was asked for.
void mark_unlisted(std::span<schema::Process> found, schema::BootTime begin);

}  // namespace sockwitness::recorder
