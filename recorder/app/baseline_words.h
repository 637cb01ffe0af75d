// The words of `baseline` on the command line.
//
// In:    a program that is being put together.
// Out:   BaselineOptions as typed.
// Never: understands a time or an endpoint.
#pragma once

#include "recorder/app/options.h"
#include "schema/program/grammar.h"

namespace sockwitness::recorder {

// `options` must outlive the parsing. Returns the command.
[[nodiscard]] schema::Command add_baseline(schema::Command program, BaselineOptions& options);

}  // namespace sockwitness::recorder
