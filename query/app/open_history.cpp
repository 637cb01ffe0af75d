#include "query/app/open_history.h"

#include <cstdio>

#include <fmt/format.h>

#include "schema/base/escape.h"

namespace sockwitness::query {

History open_history(const std::string& path) {
  History history = History::open(path);
  if (history.is_copy()) {
    const std::string line = fmt::format(
        "sockwitness: a journal or log lies beside '{}': the answer is from a copy in "
        "which it was applied\n",
        schema::escape_terminal(path));
    std::fputs(line.c_str(), stderr);
  }
  return history;
}

}  // namespace sockwitness::query
