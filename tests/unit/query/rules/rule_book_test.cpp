// Rule files: what is accepted, what is refused, and how a site changes our rules.

#include "query/rules/rule_book.h"

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "query/rules/rule_folder.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness {

using query::RuleBook;
using query::RuleText;

namespace {

const std::string kRule =
    "id = \"a-rule\"\ntitle = \"a title\"\nseverity = \"high\"\nattack = \"T1059.004\"\n"
    "explanation = \"why\"\nbenign = [\"one\", \"two\"]\naccept = [\"program\"]\n"
    "sql = '''\nSELECT 1 AS process, 'x' AS why\n'''\n";

std::vector<RuleText> texts(std::initializer_list<std::string> contents) {
  std::vector<RuleText> files;
  for (const std::string& content : contents) {
    files.push_back({"r" + std::to_string(files.size()) + ".toml", content});
  }
  return files;
}

// "message | hint" of the only problem; empty without one.
std::string problem_of(const std::string& content) {
  const RuleBook book({}, texts({content}));
  if (book.problems().empty()) {
    return {};
  }
  CHECK(book.problems().size() == 1);
  CHECK(book.rules().empty());
  const schema::Error& error = book.problems().front();
  return error.hint().empty() ? error.message() : error.message() + " | " + error.hint();
}

}  // namespace

TEST_CASE("a whole rule") {
  const RuleBook book({}, texts({kRule}));
  CHECK(book.problems().empty());
  REQUIRE(book.rules().size() == 1);
  const query::Rule& rule = book.rules().front();
  CHECK(rule.id == "a-rule");
  CHECK(rule.title == "a title");
  CHECK(rule.severity == query::Severity::High);
  CHECK(rule.attack == std::vector<std::string>{"T1059.004"});
  CHECK(rule.benign == std::vector<std::string>{"one", "two"});
  CHECK(rule.accept == std::vector<std::string>{"program"});
  CHECK(rule.sql == "SELECT 1 AS process, 'x' AS why\n");
  CHECK(rule.source == "r0.toml");
  CHECK(rule.line == 9);
  CHECK(rule.enabled);
  CHECK(book.find("a-rule") == &rule);
  CHECK(book.find("b-rule") == nullptr);
}

TEST_CASE("what is no rule is refused, with its place") {
  struct Row {
    std::string content;
    const char* says;
  };
  const std::string rest = "title = \"t\"\nseverity = \"low\"\nexplanation = \"e\"\nsql = \"s\"\n";
  const Row rows[] = {
      {"id = ", "reading 'r0.toml:1:6': no TOML:"},
      {"title = \"x\"", "reading 'r0.toml:1:1': there is no 'id' | a file holds one rule"},
      {"", "reading 'r0.toml:1:1': there is no 'id'"},
      {"disable = []", "reading 'r0.toml:1:1': there is no 'id'"},
      {"id = \"A\"\n" + rest, "reading 'r0.toml:1:6': id is made of other letters than a-z"},
      {"id = \"\"\n" + rest, "reading 'r0.toml:1:6': id is empty"},
      {"id = 1\n" + rest, "reading 'r0.toml:1:6': id is an integer, expected a text"},
      {"id = \"a\"\ntitel = \"t\"",
       "reading 'r0.toml:2:1': unknown key 'titel' | did you mean 'title'?"},
      {"id = \"a\"\nseverity = \"grave\"",
       "reading 'r0.toml:2:12': unknown severity 'grave' | known are: info"},
      {"id = \"a\"\nattack = \"1059\"", "reading 'r0.toml:2:10': '1059' is no ATT&CK technique"},
      {"id = \"a\"\nattack = [\"T1059.1\"]", "'T1059.1' is no ATT&CK technique"},
      {"id = \"a\"\nattack = [\"T105x\"]", "'T105x' is no ATT&CK technique"},
      {"id = \"a\"\naccept = [\"programm\"]",
       "an acceptance has no 'programm' | did you mean 'program'?"},
      {"id = \"a\"\nenabled = \"no\"", "enabled is a text, expected true or false"},
      {"id = \"a\"\ntitle = \"t\"",
       "reading 'r0.toml': the rule 'a' has no 'severity' | a new rule needs"},
      {"id = \"a\"\ntitle = \" \"", "reading 'r0.toml:2:9': title is empty"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.content);
    CHECK_THAT(problem_of(row.content), Catch::Contains(row.says));
  }
  CHECK(problem_of("id = \"a\"\n" + rest).empty());
}

TEST_CASE("a site adds, changes and switches off; one bad file stops nothing else") {
  const auto builtin = texts({kRule});
  SECTION("adds") {
    std::string other = kRule;
    other.replace(other.find("a-rule"), 6, "0-rule");
    const RuleBook book(builtin, texts({other, "broken"}));
    CHECK(book.ids() == std::vector<std::string>{"0-rule", "a-rule"});
    CHECK(book.problems().size() == 1);
  }
  SECTION("changes some keys") {
    const RuleBook book(builtin, texts({"id = \"a-rule\"\nseverity = \"low\"\nbenign = []"}));
    CHECK(book.problems().empty());
    const query::Rule& rule = book.rules().front();
    CHECK(rule.severity == query::Severity::Low);
    CHECK(rule.benign.empty());
    CHECK(rule.title == "a title");
    CHECK(rule.source == "r0.toml");
  }
  SECTION("changes the condition: then the file is where it comes from") {
    const std::vector<RuleText> site{{"site.toml", "id = \"a-rule\"\nsql = \"SELECT 2\""}};
    const RuleBook book(builtin, site);
    CHECK(book.rules().front().sql == "SELECT 2");
    CHECK(book.rules().front().source == "site.toml");
    CHECK(book.rules().front().line == 2);
  }
  SECTION("switches off by a key, and on again") {
    CHECK_FALSE(RuleBook(builtin, texts({"id = \"a-rule\"\nenabled = false"})).rules()[0].enabled);
    CHECK(RuleBook(builtin, texts({"disable = \"a-rule\"", "id = \"a-rule\"\nenabled = true"}))
              .rules()[0]
              .enabled);
  }
  SECTION("switches off by a list; the unknown one is named") {
    const RuleBook book(builtin, texts({"disable = [\"a-rule\", \"a-rul\"]"}));
    CHECK_FALSE(book.rules()[0].enabled);
    REQUIRE(book.problems().size() == 1);
    CHECK(book.problems()[0].message() ==
          "reading 'r0.toml': disabling 'a-rul': there is no such rule");
    CHECK(book.problems()[0].hint() == "did you mean 'a-rule'?");
  }
  SECTION("a bad change leaves the rule as it was") {
    const RuleBook book(builtin, texts({"id = \"a-rule\"\nseverity = \"grave\"\nenabled = false"}));
    CHECK(book.problems().size() == 1);
    CHECK(book.rules()[0].enabled);
  }
}

TEST_CASE("the version changes with every byte of an active rule, and with nothing else") {
  const auto builtin = texts({kRule});
  const std::string version = RuleBook(builtin, {}).version();
  CHECK(version.size() == 16);
  CHECK(version == RuleBook(builtin, {}).version());
  for (const char* change : {"severity = \"low\"",
                             "title = \"another\"",
                             "sql = \"SELECT 1\"",
                             "explanation = \"x\"",
                             "benign = [\"onetwo\"]",
                             "attack = []",
                             "accept = []",
                             "enabled = false"}) {
    CAPTURE(change);
    CHECK(RuleBook(builtin, texts({std::string("id = \"a-rule\"\n") + change})).version() !=
          version);
  }
  CHECK(RuleBook(builtin, texts({"id = \"a-rule\"\nseverity = \"high\""})).version() == version);
  CHECK(RuleBook(builtin, texts({"broken"})).version() == version);
}

TEST_CASE("our own rules are whole and say what an answer needs") {
  const RuleBook book(query::builtin_rules(), {});
  CHECK(book.problems().empty());
  CHECK(book.rules().size() >= 50);
  for (const query::Rule& rule : book.rules()) {
    CAPTURE(rule.id);
    CHECK(rule.enabled);
    CHECK_FALSE(rule.attack.empty());
    CHECK_FALSE(rule.benign.empty());
    CHECK_FALSE(rule.accept.empty());
    CHECK(rule.title.size() <= 70);
    CHECK(rule.source == "builtin/" + rule.id + ".toml");
  }
}

TEST_CASE("a folder's files in the order of their names") {
  const test::ScratchDir folder;
  const auto write = [&](const std::string& name, const std::string& content) {
    std::ofstream(folder.file(name)) << content;
  };
  write("b.toml", "b");
  write("a.toml", "a");
  write("c.toml.dpkg-old", "c");
  write("README", "d");
  std::filesystem::create_directory(folder.file("d.toml"));
  std::filesystem::create_symlink(folder.file("a.toml"), folder.file("e.toml"));
  std::filesystem::create_symlink(folder.file("nowhere"), folder.file("f.toml"));
  const auto read = query::read_rule_folder(folder.file(""));
  CHECK(read.exists);
  CHECK(read.problems.empty());
  REQUIRE(read.files.size() == 3);
  CHECK(read.files[0].text == "a");
  CHECK(read.files[1].source == folder.file("b.toml"));
  CHECK(read.files[2].text == "a");
  CHECK_FALSE(query::read_rule_folder(folder.file("absent")).exists);
  const auto file = query::read_rule_folder(folder.file("README"));
  CHECK(file.exists);
  REQUIRE(file.problems.size() == 1);
  CHECK(file.problems[0].message() == "reading '" + folder.file("README") + "': Not a directory");
}

}  // namespace sockwitness
