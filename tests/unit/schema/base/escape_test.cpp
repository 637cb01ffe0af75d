#include "schema/base/escape.h"

#include <random>

#include <catch2/catch.hpp>

#include "schema/base/error.h"
#include "schema/base/utf8.h"
#include "schema/program/shell_word.h"

namespace sockwitness::schema {
namespace {

std::string random_bytes(std::mt19937& engine) {
  std::string bytes(engine() % 40, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(engine() % (engine() % 2 == 0 ? 256 : 128));
  }
  return bytes;
}

}  // namespace

TEST_CASE("text for a terminal is reversible and carries no control, whatever the bytes") {
  std::mt19937 engine(1);
  int tried = 0;
  for (; tried < 20'000; ++tried) {
    const std::string bytes = random_bytes(engine);
    const std::string text = escape_terminal(bytes);
    REQUIRE(unescape_terminal(text) == bytes);
    REQUIRE(is_utf8(text));
    for (std::string_view rest = text; !rest.empty();) {
      const auto point = decode_code_point(rest);
      REQUIRE(point);
      REQUIRE(point->value >= 0x20);
      REQUIRE_FALSE((point->value >= 0x7F && point->value <= 0x9F));
      REQUIRE_FALSE(is_invisible(point->value));
      rest.remove_prefix(point->length);
    }
  }
  CHECK(tried == 20'000);
}

TEST_CASE("what a terminal must not see is shown byte by byte") {
  struct Row {
    std::string bytes;
    std::string text;
  };
  const Row row = GENERATE(values<Row>({{"plain", "plain"},
                                        {"", ""},
                                        {"a\\b", "a\\\\b"},
                                        {std::string("\0x", 2), "\\x00x"},
                                        {"\x1b[31m", "\\x1b[31m"},
                                        {"\n\r\t\x7f", "\\x0a\\x0d\\x09\\x7f"},
                                        {"\xc2\x9b"
                                         "2J",
                                         "\\xc2\\x9b2J"},
                                        {"\xe2\x80\xae", "\\xe2\\x80\\xae"},
                                        {"\xe2\x80\x8b", "\\xe2\\x80\\x8b"},
                                        {"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},
                                        {"\xff\xfe", "\\xff\\xfe"},
                                        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
                                        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
                                        {"\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7"}}));
  CAPTURE(row.text);
  CHECK(escape_terminal(row.bytes) == row.text);
  CHECK(unescape_terminal(row.text) == row.bytes);
}

TEST_CASE("a malformed escape is left as it is") {
  const std::string text = GENERATE(as<std::string>{}, "\\", "\\x", "\\x1", "\\xg0", "\\q", "a\\");
  CHECK(unescape_terminal(text) == text);
}

TEST_CASE("well-formed UTF-8 only, RFC 3629") {
  struct Row {
    std::string bytes;
    bool accepted;
  };
  const Row row = GENERATE(values<Row>({{"", true},
                                        {std::string("\0", 1), true},
                                        {"\x7f", true},
                                        {"\xc2\x80", true},
                                        {"\xdf\xbf", true},
                                        {"\xe0\xa0\x80", true},
                                        {"\xed\x9f\xbf", true},
                                        {"\xee\x80\x80", true},
                                        {"\xf0\x90\x80\x80", true},
                                        {"\xf4\x8f\xbf\xbf", true},
                                        {"\x80", false},
                                        {"\xbf", false},
                                        {"\xc0\x80", false},
                                        {"\xc1\xbf", false},
                                        {"\xc2", false},
                                        {"\xc2\x41", false},
                                        {"\xe0\x9f\xbf", false},
                                        {"\xe1\x80", false},
                                        {"\xed\xa0\x80", false},
                                        {"\xed\xbf\xbf", false},
                                        {"\xf0\x8f\xbf\xbf", false},
                                        {"\xf4\x90\x80\x80", false},
                                        {"\xf5\x80\x80\x80", false},
                                        {"\xfe", false},
                                        {"\xff", false}}));
  CAPTURE(escape_terminal(row.bytes));
  CHECK(is_utf8(row.bytes) == row.accepted);
}

TEST_CASE("a cell that a spreadsheet would run gets an apostrophe") {
  struct Row {
    std::string bytes;
    std::string cell;
  };
  const Row row = GENERATE(values<Row>({{"plain", "plain"},
                                        {"", ""},
                                        {"a,b", "\"a,b\""},
                                        {"say \"x\"", "\"say \"\"x\"\"\""},
                                        {"=1+1", "'=1+1"},
                                        {"+1", "'+1"},
                                        {"-1", "'-1"},
                                        {"@x", "'@x"}}));
  CHECK(csv_cell(row.bytes) == row.cell);
}

TEST_CASE("a page shows markup of the host and runs none of it") {
  struct Row {
    std::string bytes;
    std::string text;
  };
  const Row row =
      GENERATE(values<Row>({{"", ""},
                            {"nginx", "nginx"},
                            {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
                            {"\" onload='x'&amp;", "&quot; onload=&#39;x&#39;&amp;amp;"},
                            {"\x1b[31m\n", "\\x1b[31m\\x0a"},
                            {"\xff<", "\\xff&lt;"},
                            {"\xe2\x80\xae", "\\xe2\\x80\\xae"},
                            {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"}}));
  CHECK(escape_html(row.bytes) == row.text);
}

TEST_CASE("whatever the bytes, no character of markup is left of them") {
  for (int first = 0; first < 256; ++first) {
    const std::string bytes{static_cast<char>(first), '<', static_cast<char>(first)};
    const std::string text = escape_html(bytes);
    CHECK(text.find_first_of("<>\"'") == std::string::npos);
    CHECK(is_utf8(text));
  }
}

TEST_CASE("bytes as hexadecimal digits") {
  CHECK(schema::hex("").empty());
  CHECK(schema::hex(std::string("\0\x0f\x80\xff", 4)) == "000f80ff");
}

TEST_CASE("base64 of RFC 4648") {
  struct Row {
    std::string bytes;
    std::string text;
  };
  const Row row = GENERATE(values<Row>({{"", ""},
                                        {"f", "Zg=="},
                                        {"fo", "Zm8="},
                                        {"foo", "Zm9v"},
                                        {"foobar", "Zm9vYmFy"},
                                        {"\xff\xfe\xfd", "//79"},
                                        {std::string("\0\0\0", 3), "AAAA"}}));
  CHECK(base64(row.bytes) == row.text);
}

TEST_CASE("the width of text counts cells, not bytes") {
  CHECK(terminal_width("") == 0);
  CHECK(terminal_width("abc") == 3);
  CHECK(terminal_width("gr\xc3\xbc\xc3\x9f") == 4);
  CHECK(terminal_width("\xe6\x97\xa5\xe6\x9c\xac") == 4);
  CHECK(terminal_width("e\xcc\x81") == 1);
}

TEST_CASE("a path is one word of a shell, and shown in one line") {
  struct Row {
    std::string path;
    std::string word;
  };
  const Row row = GENERATE(values<Row>({{"a b.db", "'a b.db'"},
                                        {"it's", "'it'\\''s'"},
                                        {"$(id)", "'$(id)'"},
                                        {"a\nb'c", "$'a\\012b\\'c'"},
                                        {"a\\b", "$'a\\\\b'"},
                                        {"\xff", "$'\\377'"}}));
  CHECK(shell_word(row.path) == row.word);
  const Error error(ExitCode::Unusable, "message", "try: cp " + shell_word(row.path) + " x");
  CHECK(error_text("p", error) == "p: message\n  try: cp " + row.word + " x\n");
}

TEST_CASE("what a terminal sees of text where only ASCII is text") {
  struct Row {
    std::string_view escaped;
    std::string_view ascii;
  };
  const Row row = GENERATE(Row{"", ""},
                           Row{"tcp 22", "tcp 22"},
                           Row{"a → b", "a -> b"},
                           Row{"← b", "<- b"},
                           Row{"cut … here · there", "cut ... here - there"},
                           Row{"café", "caf\\xc3\\xa9"},
                           Row{"\\x1b[2J", "\\x1b[2J"});
  CHECK(to_ascii(row.escaped) == row.ascii);
}

}  // namespace sockwitness::schema
