#include "schema/view/command_line.h"

#include <catch2/catch.hpp>

namespace sockwitness::schema {
namespace {

using namespace std::string_literals;
using Words = std::vector<std::string_view>;

LongText shortened(std::uint64_t length, std::uint64_t head) {
  return {length, "\x9f\x86"s, head};
}

}  // namespace

TEST_CASE("command line: blanks between the arguments, none behind") {
  CHECK(command_line_text("", {}).empty());
  CHECK(command_line_text("a\0b c\0"s, {}) == "a b c");
  CHECK(command_line_text("a\0\0"s, {}) == "a ");
  CHECK(command_line_text("no end", {}) == "no end");
  const LongText whole{9'000, "\x9f"s, {}};
  CHECK(command_line_text("a\0b\0"s, whole) == "a b");
}

TEST_CASE("command line: what is left out is told where it was") {
  const std::string kept = "sh\0-c\0abcxyz\0z\0"s;
  CHECK(command_line_text(kept, shortened(1'800'029, 9)) ==
        "sh -c abc…[1,800,029 bytes, sha256 9f86]…xyz z");
  CHECK(command_line_text(kept, shortened(9'000, 0)) ==
        "…[9,000 bytes, sha256 9f86]…sh -c abcxyz z");
  CHECK(command_line_text("ab", shortened(999, 2)) == "ab…[999 bytes, sha256 9f86]…");
}

TEST_CASE("command line: no argument is made of both ends") {
  const std::string kept = "sh\0-c\0abcxyz\0z\0"s;
  CHECK(split_arguments(kept, {}) == Words{"sh", "-c", "abcxyz", "z"});
  CHECK(split_arguments(kept, shortened(9'000, 9)) == Words{"sh", "-c", "abc", "xyz", "z"});
  CHECK(split_arguments(kept, shortened(9'000, 6)) == Words{"sh", "-c", "abcxyz", "z"});
  CHECK(split_arguments("", {}).empty());
}

}  // namespace sockwitness::schema
