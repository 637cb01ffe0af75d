// From arguments to exit code.
//
// In:    argv as the kernel gave it.
// Out:   a command carried out, messages on standard error, an exit code of schema::ExitCode.
// Never: throws.
#pragma once

#include <span>

namespace sockwitness::recorder {

[[nodiscard]] int run(std::span<char*> arguments);

}  // namespace sockwitness::recorder
