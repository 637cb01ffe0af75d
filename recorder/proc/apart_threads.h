// Threads of a process that have left what its threads share.
//
// In:    the held directory of a process, and its reading so far: pid as the recorder's own
//        namespace numbers it, network namespace, descriptors.
// Out:   added to the reading: threads in other network namespaces, and what the descriptor tables
//        lead to that single threads keep to themselves; or why the threads could not be listed.
// Never: looks into the descriptors of a thread that shares them.
// Source: unshare(2) with CLONE_NEWNET or CLONE_FILES, kcmp(2).
#pragma once

#include <optional>

#include "recorder/observe/source.h"
#include "recorder/os/result.h"

namespace sockwitness::recorder {

[[nodiscard]] std::optional<SysError> add_apart_threads(int process_directory,
                                                        ProcessReading& reading);

}  // namespace sockwitness::recorder
