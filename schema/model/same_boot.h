// Whether the host ran on between two observations.
//
// In:    two of them in the order of their taking, each with its context and its first clocks.
// Out:   true for one boot of the kernel: pids, inodes and cookies then mean the same in both.
// Never: takes an id that could not be read for another boot, or for the same one: the clock since
//        boot tells then.
#pragma once

#include "schema/model/context.h"

namespace sockwitness::schema {

// Snapshot or SnapshotInfo.
template <class Before, class Now>
[[nodiscard]] bool is_same_boot(const Before& before, const Now& now) {
  const BootId unknown;
  if (before.context.boot_id != unknown && now.context.boot_id != unknown) {
    return before.context.boot_id == now.context.boot_id;
  }
  return before.begin.since_boot <= now.begin.since_boot;
}

}  // namespace sockwitness::schema
