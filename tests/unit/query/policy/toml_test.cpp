#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <catch2/catch.hpp>

#include "query/policy/text_file.h"
#include "query/policy/toml_table.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness {

using query::TomlFile;
using query::TomlTable;

namespace {

// What a reading that must fail says: "message | hint".
template <class Read>
std::string refusal(const std::string& text, Read read) {
  try {
    const TomlFile file("p.toml", text);
    read(file.root());
  } catch (const schema::Error& error) {
    CHECK(error.code() == schema::ExitCode::Usage);
    return error.hint().empty() ? error.message() : error.message() + " | " + error.hint();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("values come with the type that they were written in") {
  const TomlFile file("p.toml", R"(
text = "a\u0000b"
empty = ""
number = 443
negative = -1
yes = true
until = 2026-12-31
one = "x"
many = ["x", "y"]
none = []
port = 22
name = "ssh"
[[entry]]
key = 1
[[entry]]
key = 2
)");
  const TomlTable root = file.root();
  CHECK(root.text("text") == std::string("a\0b", 3));
  CHECK(root.text("empty") == "");
  CHECK_FALSE(root.text("absent"));
  CHECK(root.required_text("one") == "x");
  CHECK(root.integer("number", 1, 65535) == 443);
  CHECK(root.integer("negative", -1, 1) == -1);
  CHECK(root.flag("yes") == true);
  CHECK_FALSE(root.flag("absent"));
  CHECK(root.date("until") == std::chrono::year_month_day(std::chrono::year(2026),
                                                          std::chrono::month(12),
                                                          std::chrono::day(31)));
  CHECK(root.texts("one") == std::vector<std::string>{"x"});
  CHECK(root.texts("many") == std::vector<std::string>{"x", "y"});
  CHECK(root.texts("none").empty());
  CHECK(root.texts("absent").empty());
  CHECK(std::get<std::int64_t>(*root.integer_or_text("port")) == 22);
  CHECK(std::get<std::string>(*root.integer_or_text("name")) == "ssh");
  CHECK_FALSE(root.integer_or_text("absent"));
  const auto entries = root.tables("entry");
  REQUIRE(entries.size() == 2);
  CHECK(entries[1].integer("key", 0, 9) == 2);
  CHECK(entries[1].place().line == 15);
  CHECK(root.tables("absent").empty());
  CHECK(root.has("yes"));
  CHECK_FALSE(root.has("no"));
}

TEST_CASE("a text says on which line its content begins") {
  const TomlFile file("p.toml",
                      "a = 'x'\n"
                      "b = '''x\ny'''\n"
                      "c = '''\nx'''\n"
                      "d   =   \"\"\"\r\nx\"\"\"\n"
                      "e = ''''''\n");
  const TomlTable root = file.root();
  CHECK(root.text_line("a") == 1);
  CHECK(root.text_line("b") == 2);
  CHECK(root.text_line("c") == 5);
  CHECK(root.text_line("d") == 7);
  CHECK(root.text_line("e") == 8);
  CHECK(root.text("c") == "x");
  CHECK(root.text("d") == "x");
}

TEST_CASE("what is no TOML is refused with its place") {
  const auto ignore = [](const TomlTable&) {};
  for (const std::string text : {"a = ",
                                 "a",
                                 "= 1",
                                 "[a",
                                 "a = 1\na = 2",
                                 "a = \"x",
                                 "a = 2026-13-01",
                                 "a = [1, ",
                                 "a = 'x\n'",
                                 "[a]\n[a]",
                                 "a = {b = 1",
                                 "a = 1 b = 2"}) {
    CAPTURE(text);
    CHECK_THAT(refusal(text, ignore), Catch::StartsWith("reading 'p.toml:"));
    CHECK_THAT(refusal(text, ignore), Catch::Contains("': no TOML: "));
  }
  CHECK_THAT(refusal("x = 1\n\ny = 2\nz == 3\n", ignore),
             Catch::StartsWith("reading 'p.toml:4:4'"));
  CHECK(refusal("a = \"\xff\"", ignore) ==
        "reading 'p.toml': not UTF-8, as TOML has to be | save the file as UTF-8");
  // Such keys crashed the program: the library follows each step with a call of its own.
  std::string deep;
  for (int step = 0; step < 200'000; ++step) {
    deep += ".a";
  }
  const std::string many = ": a key of more than 256 parts";
  CHECK(refusal("\na" + deep + " = 1", ignore) == "reading 'p.toml:2:1'" + many);
  CHECK(refusal("[a" + deep + "]", ignore) == "reading 'p.toml:1:1'" + many);
  CHECK(refusal("b = {\"x\\\"'\" = 1, a" + deep + " = 1}", ignore) ==
        "reading 'p.toml:1:1'" + many);
  CHECK(refusal("b = '" + deep + "'\nc = \"" + deep + "\\\"\" # " + deep, ignore) == "accepted");
  CHECK(refusal("", ignore) == "accepted");
  CHECK(refusal("# nothing\n", ignore) == "accepted");
}

TEST_CASE("another type than the one that is asked for is refused") {
  struct Row {
    const char* text;
    std::string (*read)(const TomlTable&);
    const char* says;
  };
  const auto text = [](const TomlTable& root) { return root.text("k").value_or(""); };
  const auto integer = [](const TomlTable& root) {
    return std::to_string(root.integer("k", 1, 9).value_or(0));
  };
  const auto flag = [](const TomlTable& root) { return std::string(root.flag("k") ? "" : "-"); };
  const auto date = [](const TomlTable& root) { return std::string(root.date("k") ? "" : "-"); };
  const auto texts = [](const TomlTable& root) { return root.texts("k").front(); };
  const auto either = [](const TomlTable& root) {
    return std::string(root.integer_or_text("k") ? "" : "-");
  };
  const auto tables = [](const TomlTable& root) { return root.tables("k").front().source(); };
  const Row row = GENERATE_COPY(values<Row>({
      {"k = 1", text, "k is an integer, expected a text, as \"words\""},
      {"\n  k = 1979-05-27", text, "k is a date, expected a text, as \"words\""},
      {"k = \"443\"", integer, "k is a text, expected an integer, as 443"},
      {"k = 1.5", integer, "k is a number with a fraction, expected an integer, as 443"},
      {"k = 0", integer, "k is 0, expected 1 to 9"},
      {"k = 10", integer, "k is 10, expected 1 to 9"},
      {"k = \"true\"", flag, "k is a text, expected true or false"},
      {"k = 1", flag, "k is an integer, expected true or false"},
      {"k = \"2026-12-31\"", date, "k is a text, expected a date, as 2026-12-31 without quotes"},
      {"k = 2026-12-31T10:00:00Z",
       date,
       "k is a time of day, expected a date, as 2026-12-31 without quotes"},
      {"k = 10:00:00", date, "k is a time of day, expected a date, as 2026-12-31 without quotes"},
      {"k = 1", texts, "k is an integer, expected a text or a list of texts"},
      {"k = [\"a\", 1]", texts, "an element of k is an integer, expected a text"},
      {"k = true", either, "k is true or false, expected an integer or a text"},
      {"k = [1]", either, "k is a list, expected an integer or a text"},
      {"k = 1", tables, "k is an integer, expected tables | begin each with a line: [[k]]"},
      {"[k]", tables, "k is a table, expected tables | begin each with a line: [[k]]"},
      {"k = [1]",
       tables,
       "an element of k is an integer, expected a table | begin each with a line: [[k]]"},
  }));
  CAPTURE(row.text);
  const std::string said = refusal(row.text, [&](const TomlTable& root) { (void)row.read(root); });
  CHECK_THAT(said, Catch::EndsWith(std::string("': ") + row.says));
}

TEST_CASE("the place is that of the value, or of the key that nobody knows") {
  const std::string text =
      "a = 1\n"
      "[[accept]]\n"
      "rule = \"x\"\n"
      "  port = \"ssh\"\n"
      "  resaon = \"y\"\n";
  CHECK(refusal(text, [](const TomlTable& root) {
          (void)root.tables("accept").front().integer("port", 1, 65535);
        }) == "reading 'p.toml:4:10': port is a text, expected an integer, as 443");
  CHECK(refusal(text, [](const TomlTable& root) {
          root.tables("accept").front().expect_keys({"rule", "port", "reason"});
        }) == "reading 'p.toml:5:3': unknown key 'resaon' in [[accept]] | did you mean 'reason'?");
  CHECK(refusal(text, [](const TomlTable& root) {
          root.expect_keys({"accept", "service"});
        }) == "reading 'p.toml:1:1': unknown key 'a' | known are: accept, service");
  CHECK(refusal(text, [](const TomlTable& root) {
          root.expect_keys({"accept", "a"});
        }) == "accepted");
  CHECK(refusal(text, [](const TomlTable& root) {
          throw root.tables("accept").front().refuse("port", "no such port", "try 22");
        }) == "reading 'p.toml:4:10': no such port | try 22");
}

TEST_CASE("what is required has to be there and to say something") {
  const auto read = [](const TomlTable& root) {
    (void)root.tables("accept").front().required_text("reason");
  };
  CHECK(refusal("\n[[accept]]\n", read) ==
        "reading 'p.toml:2:1': [[accept]] has no 'reason' | add a line: reason = \"…\"");
  CHECK(refusal("[[accept]]\nreason = \" \\t\\n\"", read) ==
        "reading 'p.toml:2:10': reason is empty");
  CHECK(refusal("id = 1", [](const TomlTable& root) { (void)root.required_text("title"); }) ==
        "reading 'p.toml:1:1': there is no 'title' | add a line: title = \"…\"");
}

TEST_CASE("a file is read whole or not at all") {
  const test::ScratchDir folder;
  const auto write = [&](std::string_view name, const std::string& content) {
    std::ofstream(folder.file(name), std::ios::binary) << content;
    return folder.file(name);
  };
  CHECK_FALSE(query::read_text_file(folder.file("absent")));
  const std::string bytes("a\0\xff\n", 4);
  const std::string path = write("p.toml", bytes);
  CHECK(query::read_text_file(path) == bytes);
  CHECK(query::read_text_file(write("empty", "")) == "");
  CHECK_THROWS_WITH(query::read_text_file(folder.file("")),
                    "reading '" + folder.file("") + "': Is a directory");
  CHECK_THROWS_WITH(query::read_text_file(path + "/x"),
                    "reading '" + path + "/x': Not a directory");
  CHECK(query::read_text_file("/dev/null") == "");
  REQUIRE(::symlink(path.c_str(), folder.file("link").c_str()) == 0);
  CHECK(query::read_text_file(folder.file("link")) == bytes);
  // Nobody writes to it: whoever waits for that waits for ever.
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(query::read_text_file(folder.file("pipe")),
                    "reading '" + folder.file("pipe") + "': not a regular file");
  CHECK_THROWS_WITH(query::read_text_file("/dev/zero"), "reading '/dev/zero': not a regular file");
  CHECK_THROWS_WITH(
      query::read_text_file(write("long", std::string((std::size_t{4} << 20) + 1, ' '))),
      Catch::Contains("longer than 4 MiB"));
}

}  // namespace sockwitness
