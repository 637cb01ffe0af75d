// Reads the clocks of the host, close together.
//
// In:    nothing.
// Out:   wall clock, time since boot with and without suspend, of one instant, as the host
//        has them, whatever time namespace this is.
// Never: called below the app folders but through the Clock that they hand out.
#pragma once

#include "schema/model/context.h"

namespace sockwitness::recorder {

[[nodiscard]] schema::ClockReading read_clocks();

}  // namespace sockwitness::recorder
