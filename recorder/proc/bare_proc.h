// A process file system of our own, attached nowhere: nobody can have mounted anything over its
// entries.
//
// In:    the right to mount (CAP_SYS_ADMIN), a kernel since 5.2.
// Out:   a descriptor of its root; it shows the processes of the caller's own pid namespace.
// Never: appears in a mount namespace; it ends with the descriptor.
#pragma once

#include "recorder/os/result.h"
#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {

[[nodiscard]] Result<UniqueFd> open_bare_proc();

}  // namespace sockwitness::recorder
