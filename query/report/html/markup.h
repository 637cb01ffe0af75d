// Text of a page. Only what stands here makes it: a byte of the host reaches a page escaped.
//
// In:    bytes of the host, safe text, words of our own; literals of our source as they are.
// Out:   markup: HTML and SVG that a browser shows.
// Never: made from a string whose origin is not said; bytes of the host outside text and title
//        elements.
#pragma once

#include <compare>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include "query/report/neutral/safe_text.h"

namespace sockwitness::query::html {

class Markup {
 public:
  Markup() = default;
  template <std::size_t N>
  Markup(const char (&literal)[N])  // NOLINT(google-explicit-constructor): literals are markup
      : text_(literal) {}

  // A file of this folder that was embedded at build time.
  [[nodiscard]] static Markup embedded(std::string_view file) { return Markup(std::string(file)); }

  Markup& operator+=(const Markup& more) {
    text_ += more.text_;
    return *this;
  }
  friend Markup operator+(Markup left, const Markup& right) { return left += right; }
  friend auto operator<=>(const Markup&, const Markup&) = default;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  explicit Markup(std::string text) : text_(std::move(text)) {}

  template <class... Parts>
  friend Markup markup(fmt::format_string<const Parts&...> format, const Parts&... parts);
  friend Markup host(std::string_view bytes);
  friend Markup own(std::string_view text);

  std::string text_;
};

// Bytes of the host.
[[nodiscard]] Markup host(std::string_view bytes);
// Words, numbers and times of our own making.
[[nodiscard]] Markup own(std::string_view text);
[[nodiscard]] inline Markup safe(const SafeText& text) {
  return own(text.text());
}

// `format` is a literal of markup; what it takes in is markup already, or a whole number.
template <class... Parts>
[[nodiscard]] Markup markup(fmt::format_string<const Parts&...> format, const Parts&... parts) {
  static_assert(((std::is_same_v<Parts, Markup> || std::is_integral_v<Parts>)&&...));
  return Markup(fmt::format(format, parts...));
}

// `separator` between the parts that are not empty.
[[nodiscard]] Markup joined(std::initializer_list<Markup> parts, const Markup& separator);
// "ticket OPS-1412"; empty where there is nothing to label.
[[nodiscard]] Markup labelled(const Markup& label, const Markup& text);

}  // namespace sockwitness::query::html

template <>
struct fmt::formatter<sockwitness::query::html::Markup> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const sockwitness::query::html::Markup& markup, Context& context) const {
    return fmt::formatter<std::string_view>::format(markup.text(), context);
  }
};
