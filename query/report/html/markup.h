// Text on its way into a page: who said it decides how it is escaped.
//
// In:    bytes of the host, safe text, text of our own.
// Out:   markup that shows them.
// Never: bytes of the host outside text and title elements.
#pragma once

#include <string>
#include <string_view>

#include "query/report/safe_text.h"
#include "schema/base/escape.h"

namespace sockwitness::query::html {

[[nodiscard]] inline std::string host(std::string_view bytes) {
  return schema::escape_html(bytes);
}
[[nodiscard]] inline std::string safe(const SafeText& text) {
  return schema::escape_markup(text.text());
}
[[nodiscard]] inline std::string own(std::string_view text) {
  return schema::escape_markup(text);
}

}  // namespace sockwitness::query::html
