// A command line and its measure, which a row of a process or an owner refers to by one id.
//
// In:    the id, which may be missing; or both.
// Out:   both; or the id.
// Never: makes an empty line of one that is missing.
#pragma once

#include <optional>
#include <string>

#include "schema/disk/texts.h"

namespace sockwitness::schema {

void decode_command_line(std::optional<RowId> id,
                         Texts& texts,
                         std::optional<std::string>& line,
                         std::optional<LongText>& measure);
[[nodiscard]] std::optional<RowId> intern_command_line(const std::optional<std::string>& line,
                                                       const std::optional<LongText>& measure,
                                                       Texts& texts);

}  // namespace sockwitness::schema
