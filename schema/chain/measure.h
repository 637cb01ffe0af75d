// The measure of a long text: its length and its digest.
//
// In:    a whole text.
// Out:   its measure; nothing for one that is always whole.
// Never: the measure of a part.
#pragma once

#include <optional>
#include <string_view>

#include "schema/model/long_text.h"

namespace sockwitness::schema {

[[nodiscard]] std::optional<LongText> measure_if_long(std::string_view whole);

}  // namespace sockwitness::schema
