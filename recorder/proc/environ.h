// The only part of a process's environment that the recorder ever keeps.
//
// In:    the bytes of /proc/<pid>/environ.
// Out:   LD_PRELOAD and LD_AUDIT as "NAME=value", each ending in NUL, in the order found.
// Never: any other variable, whole or in part.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::recorder {

// Empty assignments are left out: the dynamic linker ignores them.
[[nodiscard]] std::string parse_preload(std::string_view environ);

}  // namespace sockwitness::recorder
