// From arguments to exit code.
//
// In:    argv as the kernel gave it.
// Out:   the answer on standard output, messages on standard error, a code of schema::ExitCode.
// Never: throws.
#pragma once

#include <span>

namespace sockwitness::query {

[[nodiscard]] int run(std::span<char*> arguments);

}  // namespace sockwitness::query
