// The name of a row: the same thing has the same name however often it is written.
//
// In:    what distinguishes two rows of a database; parts may hold any byte.
// Out:   16 hexadecimal digits.
// Never: a number that counts up: a run that begins anew gives the same names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockwitness::query {

[[nodiscard]] std::string row_name(std::string_view kind, const std::vector<std::string>& parts);

}  // namespace sockwitness::query
