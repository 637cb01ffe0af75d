#include <catch2/catch.hpp>

#include "query/report/writers/csv_writer.h"
#include "query/report/writers/json_writer.h"
#include "query/report/writers/text_writer.h"

namespace sockwitness {

using namespace query;

namespace {

Document one_row(Value row) {
  Document document;
  document.format = "sockwitness.test/1";
  document.row_format = "sockwitness.row/1";
  document.rows_key = "rows";
  document.seq = 7;
  document.rows = {std::move(row)};
  return document;
}

}  // namespace

TEST_CASE("JSON is ASCII, and carries the bytes that are no text") {
  const auto lines = write_json_lines(one_row(Value::Object{
      {"plain", "a\x1b[0m\x7f"}, {"wide", "ä"}, {"raw", std::string("\xff\0", 2)}, {"none", {}}}));
  CHECK(lines ==
        "{\"format\":\"sockwitness.row/"
        "1\",\"seq\":7,\"plain\":\"a\\u001b[0m\\u007f\",\"wide\":\"\\u00e4\","
        "\"raw\":\"\\\\xff\\\\x00\",\"raw_b64\":\"/wA=\",\"none\":null}\n");
}

TEST_CASE("a row's own seq stays") {
  CHECK(write_json_lines(one_row(Value::Object{{"seq", 3}})) ==
        "{\"format\":\"sockwitness.row/1\",\"seq\":3}\n");
}

TEST_CASE("CSV has its header without rows, joins lists and guards formulas") {
  Document document = one_row(Value::Object{{"name", "=1+1"},
                                            {"owners",
                                             Value::List{Value::Object{{"pid", 1}, {"name", "a,b"}},
                                                         Value::Object{{"pid", 2}, {"name", "c"}}}},
                                            {"nothing", {}}});
  document.columns = {"name", "owners.pid", "owners.name", "nothing", "missing"};
  CHECK(write_csv(document) ==
        "name,owners.pid,owners.name,nothing,missing\r\n"
        "'=1+1,1; 2,\"a,b; c\",,\r\n");
  document.rows.clear();
  CHECK(write_csv(document) == "name,owners.pid,owners.name,nothing,missing\r\n");
}

TEST_CASE("a table is aligned by what the terminal shows, and no line ends in a blank") {
  Page page;
  page.add(Table{{{"name"}, {"n", Align::Right}, {"end"}},
                 {{{SafeText::host("日本")}, {"7"}, {"x"}}, {{"ascii"}, {"10"}, {}}},
                 true});
  CHECK(write_text(page, {}) ==
        "name    n  end\n"
        "日本    7  x\n"
        "ascii  10\n");
}

TEST_CASE("colour surrounds text only when asked for, and does not move columns") {
  Page page;
  page.add(Table{{{"a"}, {"b"}}, {{{"x", Style::Alarm}, {"y"}}}, false});
  CHECK(write_text(page, {}) == "x  y\n");
  CHECK(write_text(page, {true, 0}) == "\x1b[31mx\x1b[0m  y\n");
}

TEST_CASE("a table that is too wide moves closer together and loses nothing") {
  Page page;
  page.add(Table{{{"a"}, {"b"}}, {{{"0123456789"}, {"0123456789"}}}, false});
  CHECK(write_text(page, {false, 10}) == "0123456789 0123456789\n");
  CHECK(write_text(page, {false, 80}) == "0123456789  0123456789\n");
}

TEST_CASE("host bytes cannot drive a terminal") {
  std::string every;
  for (int byte = 1; byte < 256; ++byte) {
    every += static_cast<char>(byte);
  }
  Page page;
  page.add(SafeText::host(every));
  const std::string text = write_text(page, {});
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    CHECK(static_cast<unsigned char>(text[at]) >= 0x20);
    CHECK(static_cast<unsigned char>(text[at]) < 0x7F);
  }
}

}  // namespace sockwitness
