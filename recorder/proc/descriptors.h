// What the descriptors of one process lead to.
//
// In:    the held directory of a process (or of one of its threads).
// Out:   sockets, network namespaces, and what joins processes: descriptors 0, 1 and 2 of any kind,
//        and pipes, pseudo-terminal masters, tun devices, BPF and fifos (of a process with many
//        descriptors these below /dev, /tmp, /var/tmp and /run only) at any number.
// Never: opens what a descriptor leads to, or waits for a file server.
#pragma once

#include <utility>
#include <vector>

#include "recorder/os/result.h"
#include "schema/model/process.h"

namespace sockwitness::recorder {

struct DescriptorReading {
  std::vector<std::pair<schema::Fd, schema::Inode>> sockets;
  std::vector<std::pair<schema::Fd, schema::Inode>> namespaces;
  std::vector<schema::Descriptor> joints;  // `process` is not set
  int incomplete = 0;  // errno of a descriptor that could not be looked at; 0: all could
};

enum class DescriptorOrder {
  Listed,   // list all, then read them
  ByNumber  // read 0, 1, 2, … and ask for the next one listed only where one is not there: numbers
            // are given lowest first, so that most tables have few holes, and the kernel looks up
            // every name that it lists
};

// A descriptor that was closed meanwhile is left out. Listing failures are the error.
[[nodiscard]] Result<DescriptorReading> read_descriptors(
    int process_directory, DescriptorOrder order = DescriptorOrder::Listed);

// ByNumber, where the recorder's own descriptors show that a list can be begun at a number.
[[nodiscard]] DescriptorOrder find_descriptor_order(int proc);

}  // namespace sockwitness::recorder
