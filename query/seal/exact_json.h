// JSON of one form only: no blanks, members in their order, ASCII.
//
// In:    values; a line, from wherever it comes.
// Out:   the line; the values, for whoever asks for them in that order.
// Never: takes another form of the same.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/base/scan.h"
#include "schema/chain/hex_bytes.h"

namespace sockwitness::query {

// In quotes. Precondition: the text is UTF-8.
void append_json_string(std::string& line, std::string_view text);

// Each takes what it asks for from the front, or fails for good.
class ExactJson {
 public:
  explicit ExactJson(std::string_view line) : rest_(line) {}

  [[nodiscard]] bool good() const { return good_; }
  // All of it was taken.
  [[nodiscard]] bool ended() const { return good_ && rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

  void literal(std::string_view text) { good_ = good_ && schema::scan_literal(rest_, text); }
  // True when it was there; not there is no failure.
  bool maybe(std::string_view text) { return good_ && schema::scan_literal(rest_, text); }
  template <std::integral Number>
  Number number() {
    const auto found = schema::scan_number<Number>(rest_);
    good_ = good_ && found;
    return found.value_or(0);
  }
  // With its quotes.
  std::string string();
  std::string hex();
  template <std::size_t Size>
  std::array<std::uint8_t, Size> bytes() {
    literal("\"");
    const auto found = schema::from_hex<Size>(rest_.substr(0, Size * 2));
    good_ = good_ && found;
    rest_.remove_prefix(good_ ? Size * 2 : 0);
    literal("\"");
    return found.value_or(std::array<std::uint8_t, Size>{});
  }

 private:
  void escape(std::string& text);
  std::uint32_t code_unit();

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace sockwitness::query
