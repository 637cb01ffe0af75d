// A page takes no string whose origin is not said.
#include "query/report/html/markup.h"

#include <string>
#include <type_traits>

#include <catch2/catch.hpp>

namespace sockwitness::query::html {

static_assert(!std::is_convertible_v<std::string, Markup>);
static_assert(!std::is_convertible_v<std::string_view, Markup>);
static_assert(!std::is_constructible_v<Markup, std::string>);
static_assert(!std::is_constructible_v<Markup, const char*>);

TEST_CASE("markup: bytes of the host are text, whatever they hold") {
  CHECK(host("<b>&\"'").text() == "&lt;b&gt;&amp;&quot;&#39;");
  CHECK(host("\x1b[31m\xff").text() == "\\x1b[31m\\xff");
  CHECK(safe(SafeText::host("a<b")).text() == "a&lt;b");
}

TEST_CASE("markup: literals and what is markup already stay as they are") {
  CHECK(markup("<i>{}</i>{}", host("<"), 7).text() == "<i>&lt;</i>7");
  CHECK(joined({host("a"), Markup(), host("&")}, "<br>").text() == "a<br>&amp;");
  CHECK(labelled("ticket", host("")).empty());
  CHECK(labelled("ticket", host("<1>")).text() == "ticket &lt;1&gt;");
}

}  // namespace sockwitness::query::html
