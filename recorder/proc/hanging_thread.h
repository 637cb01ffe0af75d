// Whether a thread that was left behind still waits.
//
// In:    the process file system, the number of the thread and of its process.
// Out:   when it began, which no other thread with its number has; nothing: it has ended.
// Never: ends anything.
#pragma once

#include <optional>

#include "schema/base/time.h"
#include "schema/model/ids.h"

namespace sockwitness::recorder {

[[nodiscard]] std::optional<schema::BootTime> read_thread_start(schema::Pid process,
                                                                schema::Pid thread);

}  // namespace sockwitness::recorder
