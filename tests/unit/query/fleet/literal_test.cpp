// Values as SQL literals: what is accepted, what is refused, and that no text gets out of its
// quotes.
#include "query/fleet/literal.h"

#include <catch2/catch.hpp>

#include "schema/base/error.h"
#include "tests/support/random_history.h"

namespace sockwitness {

using namespace query;

namespace {

// As the engine reads it, written from its manual: a backslash takes the next byte, \xNN is a byte.
std::string read_literal(std::string_view literal) {
  REQUIRE(literal.size() >= 2);
  REQUIRE(literal.front() == '\'');
  std::string bytes;
  std::size_t at = 1;
  for (; at < literal.size() && literal[at] != '\''; ++at) {
    if (literal[at] != '\\') {
      bytes += literal[at];
      continue;
    }
    REQUIRE(literal.substr(at, 2) == "\\x");
    bytes += static_cast<char>(std::stoi(std::string(literal.substr(at + 2, 2)), nullptr, 16));
    at += 3;
  }
  REQUIRE(at == literal.size() - 1);  // nothing follows the quote that ends it
  return bytes;
}

}  // namespace

TEST_CASE("fleet literals: any text is itself and stays in its quotes") {
  test::Dice dice(7);
  std::vector<std::string> texts{
      "", "'", "\\", "\\'", "'; DROP TABLE x; --", "\xff\n\t", "{port:UInt16}"};
  for (int count = 0; count < 300; ++count) {
    texts.push_back(dice.bytes(40));
  }
  for (const std::string& text : texts) {
    const std::string literal = text_literal(text);
    CHECK(read_literal(literal) == text);
    for (const char byte : literal) {
      CHECK((byte >= ' ' && byte <= '~'));
    }
  }
}

TEST_CASE("fleet literals: words of each kind") {
  const struct {
    ParameterKind kind;
    const char* word;
    const char* literal;  // null: refused
  } table[] = {
      {ParameterKind::Port, "1", "1"},
      {ParameterKind::Port, "65535", "65535"},
      {ParameterKind::Port, "0", nullptr},
      {ParameterKind::Port, "65536", nullptr},
      {ParameterKind::Port, "80 OR 1", nullptr},
      {ParameterKind::Port, "", nullptr},
      {ParameterKind::Number, "0", "0"},
      {ParameterKind::Number, "-1", nullptr},
      {ParameterKind::Number, "4294967296", nullptr},
      {ParameterKind::Percent, "0.5", "0.5"},
      {ParameterKind::Percent, "100", "100"},
      {ParameterKind::Percent, "1.", nullptr},
      {ParameterKind::Percent, "1e9", nullptr},
      {ParameterKind::Percent, "nan", nullptr},
      {ParameterKind::Percent, "1.2.3", nullptr},
      {ParameterKind::Digest, "ABCDEF01", "'abcdef01'"},
      {ParameterKind::Digest, "abc", nullptr},
      {ParameterKind::Digest, "abcdefg1", nullptr},
      {ParameterKind::Address, "198.51.100.7", "'198.51.100.7'"},
      {ParameterKind::Address, "2001:DB8:0::1", "'2001:db8::1'"},
      {ParameterKind::Address, "198.51.100", nullptr},
      {ParameterKind::Address, "x' OR '1", nullptr},
      {ParameterKind::Time, "2026-11-23T03:30:00Z", "toDateTime(1795404600, 'UTC')"},
      {ParameterKind::Time, "yesterday", nullptr},
      {ParameterKind::Text, "web'", "'web\\x27'"},
  };
  for (const auto& row : table) {
    CAPTURE(row.word, kind_words(row.kind));
    if (row.literal == nullptr) {
      CHECK_THROWS_AS(literal_of(row.kind, "x", row.word), schema::Error);
    } else {
      CHECK(literal_of(row.kind, "x", row.word) == row.literal);
    }
  }
}

}  // namespace sockwitness
