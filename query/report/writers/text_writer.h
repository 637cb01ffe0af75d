// A page as aligned text.
//
// In:    a page; width and colour as decided outside.
// Out:   lines that end in a newline and never in a blank.
// Never: cuts a cell: too wide a table moves closer together, and then the terminal wraps it.
#pragma once

#include <cstddef>
#include <string>

#include "query/report/neutral/page.h"

namespace sockwitness::query {

struct TextOptions {
  bool colour = false;
  std::size_t width = 0;  // columns of the terminal, 0 for as many as needed
  bool ascii = false;     // the locale is not UTF-8
};

[[nodiscard]] std::string write_text(const Page& page, const TextOptions& options);

}  // namespace sockwitness::query
