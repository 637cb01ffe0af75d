// A note of a missed run for when there is no memory left to make one as usual.
//
// In:    the path of the database, the time of the run.
// Out:   one line more in the lock file.
// Never: asks for memory, throws, or writes over what is there.
#pragma once

#include "schema/base/time.h"

namespace sockwitness::recorder {

// False: it could not be written.
[[nodiscard]] bool note_out_of_memory(const char* database_path, schema::WallTime at) noexcept;

}  // namespace sockwitness::recorder
