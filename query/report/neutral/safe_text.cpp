#include "query/report/neutral/safe_text.h"

#include "schema/base/escape.h"

namespace sockwitness::query {

SafeText SafeText::host(std::string_view bytes) {
  return SafeText(schema::escape_terminal(bytes));
}

}  // namespace sockwitness::query
