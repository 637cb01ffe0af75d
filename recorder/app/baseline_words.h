// The words of `baseline` on the command line.
//
// In:    a program that is being put together.
// Out:   BaselineOptions as typed.
// Never: understands a time or an endpoint.
#pragma once

#include "recorder/app/options.h"

namespace CLI {
class App;
}

namespace sockwitness::recorder {

// `options` must outlive the parsing. Returns the command.
[[nodiscard]] CLI::App* add_baseline(CLI::App& app, BaselineOptions& options);

}  // namespace sockwitness::recorder
