// Text that a terminal may see. The only way from a host's bytes to it is the escaping function.
//
// In:    literals and formatted numbers of our own; bytes of the host.
// Out:   text without anything that drives a terminal or breaks a row.
// Never: takes a string without saying whose it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sockwitness::query {

class SafeText {
 public:
  SafeText() = default;
  // A literal in our source.
  template <std::size_t N>
  SafeText(const char (&literal)[N])  // NOLINT(google-explicit-constructor): literals are safe
      : text_(literal) {}

  // Numbers, addresses, times and words of our own making.
  [[nodiscard]] static SafeText own(std::string_view text) { return SafeText(std::string(text)); }
  // Names, paths, command lines: anything that the recorded host chose.
  [[nodiscard]] static SafeText host(std::string_view bytes);

  SafeText& operator+=(const SafeText& more) {
    text_ += more.text_;
    return *this;
  }
  friend SafeText operator+(SafeText left, const SafeText& right) { return left += right; }

  // For a place that takes only ASCII.
  [[nodiscard]] SafeText ascii() const;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  explicit SafeText(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

// `separator` between the parts that are not empty.
template <class Range>
[[nodiscard]] SafeText join(const Range& parts, const SafeText& separator) {
  SafeText joined;
  for (const SafeText& part : parts) {
    if (part.empty()) {
      continue;
    }
    if (!joined.empty()) {
      joined += separator;
    }
    joined += part;
  }
  return joined;
}

}  // namespace sockwitness::query
