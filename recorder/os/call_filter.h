// What the recorder's process can never ask the kernel for, whoever leads it astray: it reads what
// others wrote, with rights over all of them.
//
// In:    nothing.
// Out:   a filter of system calls over every thread of this process and whatever it starts: no other
//        program is started, no other process is traced, read, written to, signalled or given other
//        limits, no clock is set, nothing is loaded into the kernel, no user or root directory is
//        changed; sockets are unix or netlink and wait for nobody, and the only namespaces that can
//        be entered are those of networks. A refused call fails with EPERM.
// Never: keeps the recorder from recording: where the kernel has no filters there is none.
//
// Calls that are refused are listed, not those that are allowed: a C library that does its work by
// calls that are new must not make a host go unrecorded. adjtimex() is allowed, for asking whether
// the clock is synchronised is the same call as setting it; pidfd_getfd(), for sockets in no table.
#pragma once

#include <optional>

#include "recorder/os/result.h"

namespace sockwitness::recorder {

// Also gives up, for good, rights that a program on disk could give. Why there is no filter, if so.
// A build with sanitizers has none, and no complaint: they trace the program.
[[nodiscard]] std::optional<SysError> filter_system_calls();

}  // namespace sockwitness::recorder
