#include <catch2/catch.hpp>

#include "schema/pages/completion.h"
#include "schema/pages/footer.h"
#include "schema/pages/manual_page.h"
#include "schema/pages/roff.h"
#include "schema/pages/value_kind.h"

namespace sockwitness::schema {

namespace {

OptionText option(std::vector<std::string> names, std::string value, std::string help) {
  OptionText text;
  text.names = std::move(names);
  text.value = std::move(value);
  text.help = std::move(help);
  return text;
}

CommandText command(std::string name, std::string footer) {
  CommandText text;
  text.name = std::move(name);
  text.help = "does it";
  text.footer = std::move(footer);
  return text;
}

}  // namespace

TEST_CASE("no text of ours is a request of roff") {
  CHECK(escape_roff(".TH") == "\\&.TH");
  CHECK(escape_roff("a\\b") == "a\\eb");
  CHECK(escape_roff("'2h ago' -1") == "\\(aq2h ago\\(aq \\-1");
  CHECK(escape_roff("~^`") == "\\(ti\\(ha\\(ga");
  CHECK(escape_roff("… ö €") == "\\[u2026] \\[u00F6] \\[u20AC]");
  CHECK(literal_block(".a\n\n b\n") == ".RS 2\n.nf\n\\&.a\n\n b\n.fi\n.RE\n");
}

TEST_CASE("words that a help lists are offered, sentences are not") {
  struct Row {
    const char* help;
    std::vector<std::string> words;
  };
  const Row row = GENERATE(values<Row>({
      {"wide, netstat or ss", {"wide", "netstat", "ss"}},
      {"text, json, jsonl or csv", {"text", "json", "jsonl", "csv"}},
      {"what counts: info, low, medium or high and above; default: medium",
       {"info", "low", "medium", "high"}},
      {"html, md, csv or json; default: by the name", {"html", "md", "csv", "json"}},
      {"a state in netstat's or ss's words", {}},
      {"one or Two", {}},
      {"", {}},
  }));
  INFO(row.help);
  const OfferedValue offered = offered_value(option({"--x"}, "WORD", row.help));
  CHECK(offered.words == row.words);
  CHECK((offered.kind == ValueKind::Words) == !row.words.empty());
}

TEST_CASE("the end of a help text loses no line") {
  const auto parts = split_footer(
      "a time is one of:\n  now\n\nexamples:\n  x y\n\n  z\n\nthen: w\nexit codes: 0 clean,\n   1 "
      "not\n");
  REQUIRE(parts.size() == 4);
  CHECK(parts[0].text == "a time is one of:\n  now\n");
  CHECK(parts[1].kind == FooterPart::Kind::Examples);
  CHECK(parts[1].text == "  x y\n\n  z\n");
  CHECK(parts[2].text == "then: w\n");
  CHECK(parts[3].kind == FooterPart::Kind::ExitCodes);
  CHECK(parts[3].text == "0 clean,\n   1 not\n");
  CHECK(split_footer("").empty());
}

TEST_CASE("a command has the options of its program, and shows only its own examples") {
  const std::string footer = "examples:\n  prog one --at x\n  prog two\n";
  CommandText program = command("prog", footer);
  program.options = {option({"-q", "--quiet"}, "", "says nothing"),
                     option({"--format"}, "WORD", "text or json")};
  program.commands = {command("one", footer), command("two", "examples:\n  prog two 'a'\n")};
  program.commands[0].options = {option({"--format"}, "WORD", "html or md")};
  const auto places = completion_places(program);
  REQUIRE(places.size() == 3);
  CHECK(places[1].path == "one");
  REQUIRE(places[1].options.size() == 2);
  CHECK(places[1].options[0].help == "html or md");
  CHECK(places[1].options[1].help == "says nothing");

  const ManualHead head{"1", "2026-11-30", "1.0", "User Commands", {}};
  const std::string page =
      manual_page({&program, &program.commands[0]}, head, "More.\n.SH FILES\nx\n");
  CHECK(page.find("prog one \\-\\-at x") != std::string::npos);
  CHECK(page.find("prog two") == std::string::npos);
  CHECK(page.find(".SH DESCRIPTION\nMore.\n.SH OPTIONS\n") != std::string::npos);
  CHECK(page.find(".SH FILES\nx\n") > page.find(".SH OPTIONS"));
  CHECK(page.find(".BR prog (1)") != std::string::npos);
}

}  // namespace sockwitness::schema
