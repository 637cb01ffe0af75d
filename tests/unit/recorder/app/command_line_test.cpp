#include "recorder/app/command_line.h"

#include <catch2/catch.hpp>

#include "schema/base/error.h"

namespace sockwitness::recorder {
namespace {

CommandLine parse(std::vector<std::string> words) {
  words.insert(words.begin(), "sockwitness-recorder");
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  return parse_command_line(arguments);
}

}  // namespace

TEST_CASE("intervals have a unit and bounds") {
  struct Row {
    const char* text;
    std::int64_t milliseconds;  // 0: refused
  };
  const Row row = GENERATE(values<Row>({{"100ms", 100},
                                        {"1s", 1000},
                                        {"5m", 300'000},
                                        {"1h", 3'600'000},
                                        {"7d", 604'800'000},
                                        {"168h", 604'800'000},
                                        {"99ms", 0},
                                        {"8d", 0},
                                        {"0s", 0},
                                        {"-1s", 0},
                                        {"1", 0},
                                        {"s", 0},
                                        {"", 0},
                                        {"1 s", 0},
                                        {"1w", 0},
                                        {"1.5m", 0},
                                        {"9223372036854775807d", 0},
                                        {"99999999999999999999s", 0}}));
  CAPTURE(row.text);
  const auto interval = parse_interval(row.text);
  CHECK((interval ? interval->count() : 0) == row.milliseconds);
}

TEST_CASE("commands and their options") {
  const auto snapshot = parse({"snapshot", "-q", "--strict", "--note", "a b", "--db", "/x"});
  CHECK(snapshot.database == "/x");
  const auto& options = std::get<SnapshotOptions>(snapshot.command);
  CHECK(options.quiet);
  CHECK(options.strict);
  CHECK(options.note == "a b");
  const auto plain = parse({"--db", "/y", "snapshot"});
  CHECK(plain.database == "/y");
  CHECK_FALSE(std::get<SnapshotOptions>(plain.command).quiet);
  CHECK(std::get<LoopOptions>(parse({"loop"}).command).every == std::chrono::minutes(1));
  CHECK(std::get<LoopOptions>(parse({"loop", "--every", "5s"}).command).every ==
        std::chrono::seconds(5));
  CHECK(std::get<Printed>(parse({"--help"}).command).text.find("examples:") != std::string::npos);
  CHECK(std::get<Printed>(parse({"snapshot", "--help"}).command).text.find("--note") !=
        std::string::npos);
  CHECK(std::get<Printed>(parse({"--version"}).command).text.find("sockwitness-recorder") == 0);
}

TEST_CASE("what is not understood is a usage error that helps") {
  struct Row {
    std::vector<std::string> words;
    const char* help;
  };
  const Row row = GENERATE(values<Row>({{{}, "snapshot"},
                                        {{"snapshto"}, "snapshot"},
                                        {{"lop"}, "loop"},
                                        {{"snapshot", "--qiet"}, "--quiet"},
                                        {{"snapshot", "--note"}, "--help"},
                                        {{"snapshot", "extra"}, "--help"},
                                        {{"loop", "--every", "soon"}, "5m"},
                                        {{"loop", "--strict"}, ""},
                                        {{"--db"}, "--help"},
                                        {{"snapshot", "loop"}, ""}}));
  try {
    (void)parse(row.words);
    FAIL("accepted");
  } catch (const schema::Error& failure) {
    CAPTURE(failure.message(), failure.hint());
    CHECK(failure.code() == schema::ExitCode::Usage);
    CHECK_FALSE(failure.hint().empty());
    CHECK(failure.hint().find(row.help) != std::string::npos);
  }
}

}  // namespace sockwitness::recorder
