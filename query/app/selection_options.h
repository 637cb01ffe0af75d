// The selecting options of a command: which sockets an answer is about, in netstat's and ss's
// words.
//
// In:    a command that is being put together.
// Out:   SelectionOptions as typed; selection.h makes a filter of them.
// Never: understands a word.
#pragma once

#include "query/app/options.h"
#include "schema/program/grammar.h"

namespace sockwitness::query {

// `options` must outlive the command.
void add_selection(schema::Command command, SelectionOptions& options);

}  // namespace sockwitness::query
