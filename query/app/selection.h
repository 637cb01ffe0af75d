// From the selecting options to a filter.
//
// In:    words as typed, the names of ports.
// Out:   a filter.
// Never: takes a word that it does not know for one that matches nothing.
#pragma once

#include <string>

#include "query/analysis/filter.h"
#include "query/app/options.h"
#include "query/report/words/port_names.h"

namespace sockwitness::query {

// Throws schema::Error (Usage).
[[nodiscard]] Filter build_filter(const SelectionOptions& options, const PortNames& names);

// The selecting options as they were typed, in the order of the help text; empty for none.
[[nodiscard]] std::string selection_words(const SelectionOptions& options);

}  // namespace sockwitness::query
