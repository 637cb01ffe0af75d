// A program that looks like a runtime and is in no table: its script is not part of its identity.
//
// In:    an owner.
// Out:   the argument that seems to name what it runs.
// Never: a runtime that is known, a relay, or an argument that names a configuration, as far as its
//        place and its end tell.
#pragma once

#include <string_view>

#include "schema/model/service.h"

namespace sockwitness::query {

// The first argument, where it is the path of a file as a kernel hands a script to the runtime of
// its first line; empty: none. It points into the owner.
[[nodiscard]] std::string_view unknown_app(const schema::Owner& owner);

}  // namespace sockwitness::query
