// Command lines of megabytes: whole while there is room, and as the snapshot before has them.
#include <algorithm>

#include <catch2/catch.hpp>

#include "recorder/proc/environ.h"
#include "schema/chain/sha256.h"
#include "tests/unit/recorder/proc/fake_reading.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
using schema::GapReason;

namespace {

std::string line_of(std::size_t size) {
  std::string line = std::string("daemon\0-x\0", 10);
  while (line.size() < size) {
    line += std::to_string(line.size()) + '\0';
  }
  line.resize(size, 'x');
  return line;
}

void set_line(FakeHost& host, int pid, const std::string& line) {
  FakeProcess process = host.ordinary();
  process.files["cmdline"] = line;
  host.add(pid, process);
}

KnownProcess known_of(const ProcessReading& reading) {
  KnownProcess known;
  known.start = reading.process.start;
  known.name = reading.process.name;
  known.command_line = reading.process.command_line;
  known.program_device = reading.program->device;
  known.program_inode = reading.program->inode;
  known.long_line = reading.process.long_line;
  return known;
}

void shorten(KnownProcess& known) {
  schema::keep_ends(*known.command_line, *known.long_line);
}

std::vector<std::pair<std::string, GapReason>> gaps_of(const ProcessReading& reading) {
  std::vector<std::pair<std::string, GapReason>> gaps;
  for (const schema::Gap& gap : reading.gaps) {
    gaps.emplace_back(gap.object.text(), gap.reason);
  }
  return gaps;
}

const std::vector<std::pair<std::string, GapReason>> kNone;
const std::vector<std::pair<std::string, GapReason>> kShortened{
    {"command_line", GapReason::Truncated}};

}  // namespace

TEST_CASE("long line: it is whole, and measured from where that may end") {
  FakeHost host;
  FakeInspector inspector;
  for (const std::size_t size : {std::size_t{10},
                                 schema::kAlwaysWhole,
                                 schema::kAlwaysWhole + 1,
                                 std::size_t{1'800'000},
                                 kLongestLine}) {
    INFO(size);
    const std::string line = line_of(size);
    set_line(host, 50, line);
    const auto result = read_fake(host, inspector, 50);
    REQUIRE(result);
    const schema::Process& process = result.value().process;
    CHECK(process.command_line == line);
    CHECK(process.long_line.has_value() == (size > schema::kAlwaysWhole));
    if (process.long_line) {
      CHECK(process.long_line == schema::LongText{size, schema::sha256(line), std::nullopt});
    }
    CHECK(gaps_of(result.value()) == kNone);
  }
}

TEST_CASE("long line: one that is longer than is ever read is a gap, and no line") {
  FakeHost host;
  FakeInspector inspector;
  set_line(host, 50, line_of(kLongestLine + 1));
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  CHECK_FALSE(result.value().process.command_line);
  CHECK_FALSE(result.value().process.long_line);
  CHECK(gaps_of(result.value()) == kShortened);
  CHECK(result.value().gaps[0].error_number == EFBIG);
}

TEST_CASE("long line: what was known is taken as it was kept") {
  FakeHost host;
  FakeInspector inspector;
  const std::string line = line_of(100'000);
  set_line(host, 50, line);
  KnownProcess known = known_of(read_fake(host, inspector, 50).value());

  const auto whole = read_fake(host, inspector, 50, &known);
  CHECK_FALSE(whole.value().deep);
  CHECK(whole.value().process.command_line == line);
  CHECK(whole.value().process.long_line == known.long_line);
  CHECK(gaps_of(whole.value()) == kNone);

  shorten(known);
  const auto ends = read_fake(host, inspector, 50, &known);
  CHECK_FALSE(ends.value().deep);
  CHECK(ends.value().process.command_line == known.command_line);
  CHECK(ends.value().process.long_line == known.long_line);
  CHECK(gaps_of(ends.value()) == kShortened);

  // Before there were measures.
  known.command_line = line;
  known.long_line.reset();
  const auto old = read_fake(host, inspector, 50, &known);
  CHECK_FALSE(old.value().deep);
  CHECK(old.value().process.command_line == line);
  CHECK_FALSE(old.value().process.long_line);
}

TEST_CASE("long line: another middle is another line, however the old one was kept") {
  FakeHost host;
  FakeInspector inspector;
  std::string line = line_of(100'000);
  set_line(host, 50, line);
  KnownProcess known = known_of(read_fake(host, inspector, 50).value());
  line[50'000] = '!';
  set_line(host, 50, line);
  for (const bool whole : {true, false}) {
    if (!whole) {
      shorten(known);
    }
    const auto result = read_fake(host, inspector, 50, &known);
    CHECK(result.value().deep);
    CHECK(result.value().process.command_line == line);
    CHECK(result.value().process.long_line->sha256 == schema::sha256(line));
    CHECK(gaps_of(result.value()) == kNone);
  }
}

TEST_CASE(
    "long line: of those for which there is no room the ends are kept, but known ones whole") {
  FakeHost host;
  FakeInspector inspector;
  const std::string line = line_of(kLongestLine);
  set_line(host, 50, line);
  const KnownProcess known = known_of(read_fake(host, inspector, 50).value());
  const ProcSource source(host.roots(), inspector);
  std::atomic<ProcessStep> step{ProcessStep::Open};
  std::size_t whole = 0;
  for (std::size_t count = 0; count < kLinesInMemory / kLongestLine + 3; ++count) {
    const auto result = source.read_process({schema::Pid(50)}, step);
    REQUIRE(result);
    const schema::Process& process = result.value().process;
    REQUIRE(process.long_line);
    if (process.long_line->shortened()) {
      CHECK(process.command_line->size() == schema::kAlwaysWhole);
      CHECK(process.long_line->sha256 == known.long_line->sha256);
      CHECK(gaps_of(result.value()) == kShortened);
    } else {
      CHECK(gaps_of(result.value()) == kNone);
      ++whole;
    }
  }
  CHECK(whole == kLinesInMemory / kLongestLine);
  const auto result = source.read_process({schema::Pid(50), &known}, step);
  CHECK(result.value().process.command_line == line);
  CHECK_FALSE(result.value().deep);
}

TEST_CASE("long line: names that are no file's are left out with a gap") {
  FakeHost host;
  FakeInspector inspector;
  host.write("root/usr/bin/python3", "an interpreter");
  FakeProcess process = host.ordinary();
  process.links["exe"] = host.root() + "/usr/bin/python3";
  const auto read = [&](const std::string& script) {
    process.files["cmdline"] = std::string("python3\0", 8) + script + '\0';
    host.add(50, process);
    return read_fake(host, inspector, 50);
  };
  const auto fits = read("-m" + std::string(1, '\0') + std::string(4'093, 'm'));
  CHECK(fits.value().process.script.size() == 4'096);
  CHECK(gaps_of(fits.value()) == kNone);
  const auto cut = read("-m" + std::string(1, '\0') + std::string(4'094, 'm'));
  CHECK(cut.value().process.script.empty());
  CHECK(gaps_of(cut.value()) ==
        std::vector<std::pair<std::string, GapReason>>{{"script", GapReason::Truncated}});

  process.files["environ"] = "LD_PRELOAD=/x.so:" + std::string(kLongestPreload, 'y') + '\0';
  const auto preloaded = read("-m" + std::string(1, '\0') + "x");
  CHECK(preloaded.value().process.preload == std::string("LD_PRELOAD=/x.so\0", 17));
  CHECK(gaps_of(preloaded.value()) ==
        std::vector<std::pair<std::string, GapReason>>{{"environment", GapReason::Truncated}});
}
