#include "schema/base/scan.h"

#include <catch2/catch.hpp>

namespace sockwitness::schema {

TEST_CASE("a number is digits, all of them, and fits") {
  CHECK(parse_number<std::uint8_t>("0") == 0);
  CHECK(parse_number<std::uint8_t>("255") == 255);
  CHECK(parse_number<std::int32_t>("-2147483648") == INT32_MIN);
  CHECK(parse_number<std::uint64_t>("18446744073709551615") == UINT64_MAX);
  CHECK(parse_number<std::uint32_t>("FFFFFFFF", 16) == UINT32_MAX);
  const char* text = GENERATE("", "256", "-1", "+1", " 1", "1 ", "0x1", "1.0", "a", "99999999999");
  CAPTURE(text);
  CHECK_FALSE(parse_number<std::uint8_t>(text));
}

TEST_CASE("a scanner consumes what it found and nothing else") {
  std::string_view text = "12ab  \tx rest";
  CHECK(scan_number<int>(text) == 12);
  CHECK_FALSE(scan_number<int>(text));
  CHECK(text == "ab  \tx rest");
  CHECK_FALSE(scan_literal(text, "b"));
  CHECK(scan_literal(text, "ab"));
  skip_blanks(text);
  CHECK(scan_until(text, ' ') == "x");
  CHECK(scan_until(text, ' ') == "rest");
  CHECK(text.empty());
  CHECK(scan_until(text, ' ').empty());
}

TEST_CASE("a number that does not fit is left where it was") {
  std::string_view text = "300 x";
  CHECK_FALSE(scan_number<std::uint8_t>(text));
  CHECK(text == "300 x");
}

}  // namespace sockwitness::schema
