// The rows of a document as RFC 4180 with a header row.
//
// In:    a document with its columns.
// Out:   one record a row, ending in CR LF; lists within a row are joined by "; ".
// Never: a cell that a spreadsheet would run.
#pragma once

#include <string>

#include "query/report/neutral/document.h"

namespace sockwitness::query {

[[nodiscard]] std::string write_csv(const Document& document);

// The same in pieces, for answers that are longer than memory.
[[nodiscard]] std::string csv_head(const Document& document);
[[nodiscard]] std::string csv_row(const Document& document, const Value& row);

}  // namespace sockwitness::query
