#include "recorder/programs/rooted_open.h"

#include <catch2/catch.hpp>

#include "recorder/programs/root_aliases.h"
#include "tests/unit/recorder/programs/fake_root.h"

using namespace sockwitness::recorder;

TEST_CASE("links of another root lead into that root") {
  const FakeRoot root;
  root.write("etc/hostname", "inside");
  root.link("absolute", "/etc/hostname");
  root.link("upwards", "../../../../../etc/hostname");
  root.link("outside", "/proc/self/status");
  const auto directory = root.open();
  for (const char* path : {"etc/hostname", "absolute", "upwards"}) {
    CAPTURE(path);
    std::string content;
    const auto read = read_in_root(directory.get(), path, content, 100);
    REQUIRE(read);
    CHECK(content == "inside");
  }
  std::string content;
  CHECK_FALSE(read_in_root(directory.get(), "outside", content, 100));
}

TEST_CASE("only regular files within the limit are read") {
  const FakeRoot root;
  root.write("six", "123456");
  root.write("empty", "");
  REQUIRE(::mkfifo(root.at("fifo").c_str(), 0600) == 0);
  const auto directory = root.open();
  std::string content = "old";
  CHECK(read_in_root(directory.get(), "six", content, 6).value() == 6);
  CHECK(content == "123456");
  CHECK(read_in_root(directory.get(), "six", content, 5).error().number == EFBIG);
  CHECK(read_in_root(directory.get(), "empty", content, 6).value() == 0);
  CHECK(read_in_root(directory.get(), "fifo", content, 6).error().number == EINVAL);
  CHECK(read_in_root(directory.get(), "absent", content, 6).error().number == ENOENT);
}

TEST_CASE("files whose size is not told are read whole") {
  const auto proc = open_at(AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY);
  REQUIRE(proc);
  std::string content;
  REQUIRE(read_in_root(proc.value().get(), "status", content, 1U << 20U));
  CHECK(content.find("Name:") == 0);
  CHECK(content.size() > 600);
}

TEST_CASE("the real path has no link in it") {
  const FakeRoot root;
  root.write("usr/share/tool/tool.py", "x");
  root.link("usr/bin/tool", "../share/tool/tool.py");
  root.link("bin", "usr/bin");
  root.link("loop", "loop");
  root.link("far", "/../../bin/tool");
  const auto directory = root.open();
  for (const char* path :
       {"/usr/bin/tool", "/bin/tool", "/bin/./../bin//tool", "/far", "/usr/share/tool/tool.py"}) {
    CAPTURE(path);
    const auto real = read_real_path(directory.get(), path);
    REQUIRE(real);
    CHECK(real.value() == "/usr/share/tool/tool.py");
  }
  CHECK(read_real_path(directory.get(), "/loop").error().number == ELOOP);
  CHECK(read_real_path(directory.get(), "/bin/none").error().number == ENOENT);
}

TEST_CASE("a path below a linked top folder has one spelling") {
  RootAliases aliases;
  aliases.add("bin", "usr/bin");
  aliases.add("lib64", "/usr/lib64/");
  aliases.add("up", "../elsewhere");
  CHECK(aliases.canonical("/bin/bash") == "/usr/bin/bash");
  CHECK(aliases.canonical("/usr/bin/bash") == "/usr/bin/bash");
  CHECK(aliases.canonical("/lib64/ld.so") == "/usr/lib64/ld.so");
  CHECK(aliases.canonical("/lib64") == "/usr/lib64");
  CHECK(aliases.canonical("/lib/x") == "/lib/x");
  CHECK(aliases.canonical("/binary") == "/binary");
  CHECK(aliases.canonical("/up/x") == "/up/x");
  CHECK(aliases.canonical("bin/bash") == "bin/bash");
  CHECK(aliases.canonical("").empty());
  CHECK(aliases.canonical("/") == "/");
}
