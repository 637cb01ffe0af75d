// The only part of a process's environment that the recorder ever keeps.
//
// In:    the bytes of /proc/<pid>/environ.
// Out:   LD_PRELOAD and LD_AUDIT as "NAME=value", each ending in NUL, in the order found; likewise of
//        variables that make a runtime load code (PYTHONPATH, NODE_OPTIONS, BASH_ENV, …) the
//        absolute paths of that code, with colons between them.
// Never: any other variable, whole or in part, nor what these say besides.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sockwitness::recorder {

// Environments may be megabytes long, and hold a variable many times.
inline constexpr std::size_t kLongestPreload = 8192;

// Empty assignments are left out: the dynamic linker ignores them.
[[nodiscard]] std::string parse_preload(std::string_view environ);

// Leaves of what parse_preload() returned no more than is kept, whole names only. True: some were
// left out.
bool cut_preload(std::string& preload);

}  // namespace sockwitness::recorder
