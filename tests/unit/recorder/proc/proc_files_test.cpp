// Scripts and mappings of a process, over a fake host.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/recorder/proc/fake_reading.h"

using namespace sockwitness;
using namespace sockwitness::recorder;

TEST_CASE("process: scripts are found below the process's own root") {
  FakeHost host;
  FakeInspector inspector;
  host.write("root/usr/bin/python3", "interpreter");
  host.write("jail/srv/app.py", "the script");
  host.link("jail/srv/link.py", "/srv/app.py");
  host.link("jail/srv/escape.py", "../../../../../../etc/passwd");
  auto process = host.ordinary();
  process.links["exe"] = host.root() + "/usr/bin/python3";
  process.links["root"] = std::filesystem::path(host.root()).parent_path() / "jail";
  const auto read_with = [&](const std::string& script) {
    process.files["cmdline"] = std::string("python3\0", 8) + script + std::string(1, '\0');
    host.add(50, process);
    auto result = read_fake(host, inspector, 50);
    REQUIRE(result);
    CHECK(objects(result.value().gaps) == Words{});
    return std::move(result.value());
  };

  auto reading = read_with("app.py");
  CHECK(reading.process.script == "/srv/app.py");
  REQUIRE(reading.script_file);
  CHECK(reading.script_file->path == "/srv/app.py");
  CHECK(inspector.contents["/srv/app.py"] == "the script");

  reading = read_with("/srv/link.py");  // a link is resolved inside the root
  REQUIRE(reading.script_file);
  CHECK(inspector.contents["/srv/link.py"] == "the script");

  CHECK_FALSE(read_with("/srv/escape.py").script_file);  // there is no /etc in this root
  reading = read_with("/srv/gone.py");
  CHECK(reading.process.script == "/srv/gone.py");
  CHECK_FALSE(reading.script_file);
  CHECK_FALSE(read_with("/srv").script_file);  // a folder

  REQUIRE(::mkfifo((std::filesystem::path(host.root()).parent_path() / "jail/fifo").c_str(),
                   0600) == 0);
  CHECK_FALSE(read_with("/fifo").script_file);  // does not block, either
}

TEST_CASE("process: foreign mappings") {
  FakeHost host;
  FakeInspector inspector;
  host.write("root/lib/packaged.so", "a");
  host.write("root/lib/own.so", "b");
  host.write("root/lib/altered.so", "c");
  host.write("root/lib/nosum.so", "d");
  inspector.verdicts = {{"/lib/own.so", schema::PackageVerdict::NotOwned},
                        {"/lib/altered.so", schema::PackageVerdict::Differs},
                        {"/lib/nosum.so", schema::PackageVerdict::NoChecksum}};
  auto process = host.ordinary();
  std::string maps;
  const auto map = [&](const std::string& path, const std::string& shown, const char* mode) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    static int at = 0x1000;
    char line[600];
    at += 0x1000;
    snprintf(line,
             sizeof line,
             "%x-%x %s 00000000 %02x:%02x %lu %s\n",
             static_cast<unsigned>(at),
             static_cast<unsigned>(at + 0x1000),
             mode,
             major(status.st_dev),
             minor(status.st_dev),
             static_cast<unsigned long>(status.st_ino),
             shown.c_str());
    maps += line;
  };
  map(host.root() + "/bin/daemon", host.root() + "/bin/daemon", "r-xp");
  map(host.root() + "/lib/packaged.so", "/lib/packaged.so", "r-xp");
  map(host.root() + "/lib/own.so", "/lib/own.so", "r-xp");
  map(host.root() + "/lib/own.so", "/lib/own.so", "r-xp");
  map(host.root() + "/lib/altered.so", "/lib/altered.so", "r-xp");
  map(host.root() + "/lib/nosum.so", "/lib/nosum.so", "r-xp");
  map(host.root() + "/lib/own.so", "/lib/data-only.so", "rw-p");
  process.files["maps"] = maps +
                          "9000-a000 r-xp 0 00:00 0 [vdso]\n"
                          "a000-b000 r-xp 0 00:01 424242 /lib/gone.so (deleted)\n"
                          "b000-c000 r-xp 0 00:01 424243 /lib/own.so (deleted)\n";
  host.add(50, process);
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  CHECK(objects(result.value().gaps) == Words{});
  std::vector<std::pair<std::string, schema::FileState>> found;
  for (const auto& program : result.value().foreign_mappings) {
    found.emplace_back(program.path, program.state);
  }
  CHECK(found == std::vector<std::pair<std::string, schema::FileState>>{
                     {"/lib/own.so", schema::FileState::Present},
                     {"/lib/altered.so", schema::FileState::Present},
                     {"/lib/gone.so", schema::FileState::Deleted},
                     {"/lib/own.so", schema::FileState::Replaced}});
  CHECK(std::count(inspector.asked.begin(),
                   inspector.asked.end(),
                   std::pair(std::string("/lib/own.so"), Inspection::OwnedOrNot)) == 2);
}

TEST_CASE("process: a mapping that cannot be found is a gap") {
  FakeHost host;
  FakeInspector inspector;
  auto process = host.ordinary();
  process.files["maps"] = "9000-a000 r-xp 0 00:01 424242 /lib/elsewhere.so\n";
  host.add(50, process);
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  REQUIRE(objects(result.value().gaps) == Words{"mappings"});
  CHECK(result.value().gaps[0].count == 1);
}
