// Runs work inside a network namespace.
//
// In:    a descriptor of an nsfs file, and the work.
// Out:   the work's effects; or why the namespace could not be entered, and then it did not run.
// Never: changes the namespace of the calling thread.
#pragma once

#include <functional>
#include <optional>

#include "recorder/os/result.h"

namespace sockwitness::recorder {

// The work runs in a thread of its own that enters the namespace and ends there; the caller waits.
// Entering and coming back was rejected: a recorder in a user namespace may be allowed into a
// namespace and not back into the one it came from. Exceptions of the work reach the caller.
// Nothing: it ran.
[[nodiscard]] std::optional<SysError> run_inside(int netns, const std::function<void()>& work);

}  // namespace sockwitness::recorder
