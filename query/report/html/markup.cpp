#include "query/report/html/markup.h"

#include "schema/base/escape.h"

namespace sockwitness::query::html {

Markup host(std::string_view bytes) {
  return Markup(schema::escape_html(bytes));
}

Markup own(std::string_view text) {
  return Markup(schema::escape_markup(text));
}

Markup joined(std::initializer_list<Markup> parts, const Markup& separator) {
  Markup text;
  for (const Markup& part : parts) {
    if (!part.empty()) {
      text += (text.empty() ? Markup() : separator) + part;
    }
  }
  return text;
}

Markup labelled(const Markup& label, const Markup& text) {
  return text.empty() ? text : label + " " + text;
}

}  // namespace sockwitness::query::html
