// Threads of a process that have left what its threads share.
//
// In:    the held directory of a process, its pid as the recorder's own namespace numbers it, its
//        network namespace.
// Out:   threads in other network namespaces; what the descriptor tables lead to that single
//        threads keep to themselves.
// Never: looks into the descriptors of a thread that shares them.
// Source: unshare(2) with CLONE_NEWNET or CLONE_FILES, kcmp(2).
#pragma once

#include <utility>
#include <vector>

#include "recorder/os/result.h"
#include "recorder/proc/descriptors.h"
#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct ApartThreads {
  std::vector<std::pair<schema::Pid, schema::Inode>> namespaces;
  std::vector<DescriptorReading> tables;
};

[[nodiscard]] Result<ApartThreads> read_apart_threads(int process_directory,
                                                      schema::Pid pid,
                                                      schema::Inode netns);

}  // namespace sockwitness::recorder
