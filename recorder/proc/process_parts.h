// Which part of a process a gap or a step of its reading is about.
//
// In:    a part, or a step.
// Out:   the object of its gap; the parts that the step reads.
// Never: a part that two steps read, nor one without an object.
#pragma once

#include <string_view>
#include <vector>

#include "recorder/observe/source.h"

namespace sockwitness::recorder {

// The `object` of a ProcessField gap.
[[nodiscard]] schema::GapPart field_of(schema::Part part);

// What is not known when the step is left out.
[[nodiscard]] std::vector<schema::Part> parts_of(ProcessStep step);

}  // namespace sockwitness::recorder
