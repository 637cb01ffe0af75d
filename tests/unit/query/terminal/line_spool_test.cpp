// Files of lines: numbered, limited, whole.
#include "query/terminal/line_spool.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "schema/base/error.h"
#include "tests/support/scratch_dir.h"

namespace sockwitness {

using namespace query;

namespace {

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("line spool: lines and the cursor go together") {
  const test::ScratchDir scratch;
  const std::string folder = scratch.file("s");
  {
    LineSpool spool(folder, {100, 1000});
    CHECK(!spool.cursor());
    spool.add("a", "one\n");
    spool.add("b", "two\n");
    CHECK(spool.bytes_waiting() == 8);
    spool.commit("first\nwords\n");
    spool.add("a", "never\n");
    spool.discard();
    spool.commit("second\n\nwords");
  }
  CHECK(content(folder + "/a.000001.jsonl") == "one\n");
  CHECK(content(folder + "/b.000001.jsonl") == "two\n");
  LineSpool spool(folder, {100, 1000});
  CHECK(spool.cursor() == "second\n\nwords");
  CHECK(spool.damage().empty());
  CHECK_THROWS_AS(LineSpool(folder, {100, 1000}), schema::Error);
}

TEST_CASE("line spool: a file is full, a line is never cut") {
  const test::ScratchDir scratch;
  const std::string folder = scratch.file("s");
  LineSpool spool(folder, {10, 1000});
  for (const char* line : {"123456\n", "123\n", "a line that is longer than any file\n", "x\n"}) {
    spool.add("a", line);
  }
  spool.commit("");
  CHECK(content(folder + "/a.000001.jsonl") == "123456\n");
  CHECK(content(folder + "/a.000002.jsonl") == "123\n");
  CHECK(content(folder + "/a.000003.jsonl") == "a line that is longer than any file\n");
  CHECK(content(folder + "/a.000004.jsonl") == "x\n");
}

TEST_CASE("line spool: the oldest make room, with their lines counted") {
  const test::ScratchDir scratch;
  const std::string folder = scratch.file("s");
  LineSpool spool(folder, {8, 20});
  for (int at = 0; at < 4; ++at) {
    spool.add("a", "1234\n");
    spool.add("a", "12\n");
    CHECK(spool.files_in_excess(0).size() == (at < 2 ? 0 : 1));
    const auto excess = spool.files_in_excess(0);
    spool.commit("", excess);
    for (const RemovedFile& file : excess) {
      CHECK(file.lines == 2);
      CHECK(!std::filesystem::exists(folder + "/" + file.name));
    }
  }
  CHECK(content(folder + "/a.000004.jsonl") == "1234\n12\n");
}

TEST_CASE("line spool: numbers are not given twice, and what others cut is not continued") {
  const test::ScratchDir scratch;
  const std::string folder = scratch.file("s");
  const auto add = [&](const char* line) {
    LineSpool spool(folder, {100, 1000});
    spool.add("a", line);
    spool.commit("x");
  };
  add("one\n");
  std::filesystem::remove(folder + "/a.000001.jsonl");
  add("two\n");
  CHECK(content(folder + "/a.000002.jsonl") == "two\n");
  std::filesystem::resize_file(folder + "/a.000002.jsonl", 2);
  add("three\n");
  CHECK(content(folder + "/a.000003.jsonl") == "three\n");
  std::filesystem::remove(folder + "/cursor");
  add("four\n");
  CHECK(content(folder + "/a.000003.jsonl") == "three\nfour\n");
}

TEST_CASE("line spool: lines are counted also where nobody knows of them any more") {
  const test::ScratchDir scratch;
  const std::string folder = scratch.file("s");
  {
    LineSpool spool(folder, {8, 1000});
    for (const char* line : {"1\n", "2\n", "3\n", "4\n"}) {
      spool.add("a", line);
    }
    spool.add("a", "567890\n");
    spool.commit("x");
  }
  std::filesystem::remove(folder + "/cursor");
  const LineSpool spool(folder, {8, 1});
  const auto excess = spool.files_in_excess(0);
  REQUIRE(excess.size() == 1);
  CHECK(excess[0].lines == 4);
}

TEST_CASE("line spool: nothing is written where others may write, or into a file of others") {
  const test::ScratchDir scratch;
  const std::string folder = scratch.file("s");
  std::filesystem::create_directory(folder);
  ::chmod(folder.c_str(), 0777);
  CHECK_THROWS_AS(LineSpool(folder, {100, 1000}), schema::Error);
  ::chmod(folder.c_str(), 0750);
  const std::string other = scratch.file("other");
  std::ofstream(other) << "theirs\n";
  for (const bool link : {false, true}) {
    const std::string name = folder + "/a.000001.jsonl";
    link ? std::filesystem::create_symlink(other, name)
         : std::filesystem::create_hard_link(other, name);
    {
      LineSpool spool(folder, {100, 1000});
      spool.add("a", "ours\n");
      CHECK_THROWS_AS(spool.commit("x"), schema::Error);
      CHECK(spool.is_broken());
    }
    CHECK(content(other) == "theirs\n");
    std::filesystem::remove(name);
    // The next run completes it.
    CHECK(LineSpool(folder, {100, 1000}).cursor() == "x");
    CHECK(content(name) == "ours\n");
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    ::chmod(folder.c_str(), 0750);
  }
}

TEST_CASE("line spool: a cursor that somebody else could have put there is none") {
  const test::ScratchDir scratch;
  const std::string folder = scratch.file("s");
  {
    LineSpool spool(folder, {100, 1000});
    spool.commit("x");
  }
  ::chmod((folder + "/cursor").c_str(), 0622);
  CHECK(LineSpool(folder, {100, 1000}).damage().find("others may write") != std::string::npos);
  ::chmod((folder + "/cursor").c_str(), 0600);
  CHECK(LineSpool(folder, {100, 1000}).cursor() == "x");
}

}  // namespace sockwitness
