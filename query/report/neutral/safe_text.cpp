#include "query/report/neutral/safe_text.h"

#include "schema/base/escape.h"

namespace sockwitness::query {

SafeText SafeText::host(std::string_view bytes) {
  return SafeText(schema::escape_terminal(bytes));
}

SafeText SafeText::ascii() const {
  return SafeText(schema::to_ascii(text_));
}

}  // namespace sockwitness::query
