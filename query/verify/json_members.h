// A few members of a JSON object on one line of any origin: strings and whole numbers.
//
// In:    a line; the names of the members.
// Out:   their values; a value of another kind is ignored.
// Never: takes a line that is no object, or a member of an object within it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::query {

// The members of the object by name: a string without its quotes, a number as it is written, null
// as it is. Strings with escapes, lists and objects are not kept. Nothing: it is no object.
[[nodiscard]] std::optional<std::map<std::string, std::string, std::less<>>> read_json_members(
    std::string_view line);

}  // namespace sockwitness::query
