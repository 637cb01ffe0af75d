// The host's own programs, and a copy of one that was changed by one byte.
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

#include "recorder/programs/file_inspector.h"
#include "tests/unit/recorder/programs/fake_root.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
using schema::PackageVerdict;

namespace {

schema::Program inspected(const schema::Program& program, const std::string& file, int root) {
  FileInspector inspector{{}};
  auto result = program;
  const auto gaps = inspector.inspect(
      result, Inspection::Content, [&] { return open_at(AT_FDCWD, file.c_str(), O_RDONLY); }, root);
  CHECK(gaps.empty());
  return result;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool has_dpkg() {
  if (std::filesystem::exists("/var/lib/dpkg/info/bash.md5sums")) {
    return true;
  }
  WARN("skipped: this host has no dpkg database with bash in it");
  return false;
}

}  // namespace

TEST_CASE("the host's shells are intact, under both of their paths") {
  if (!has_dpkg()) {
    return;
  }
  const auto root = open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  REQUIRE(root);
  for (const char* path : {"/usr/bin/bash", "/bin/bash", "/bin/sh", "/usr/bin/env"}) {
    CAPTURE(path);
    const auto program = inspected(describe(path, path), path, root.value().get());
    CHECK(program.verdict == PackageVerdict::Matches);
    CHECK_FALSE(program.package.empty());
    CHECK_FALSE(program.package_version.empty());
  }
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const auto program = inspected(describe(self, self), "/proc/self/exe", root.value().get());
  CHECK(program.verdict == PackageVerdict::NotOwned);
  CHECK(program.sha256.size() == 32);
}

TEST_CASE("one changed byte in a copy of bash is noticed") {
  if (!has_dpkg()) {
    return;
  }
  const FakeRoot root;
  auto bash = content_of("/usr/bin/bash");
  REQUIRE(bash.size() > 100'000);
  root.write("usr/bin/bash", bash);
  root.package("bash",
               content_of("/var/lib/dpkg/info/bash.list"),
               content_of("/var/lib/dpkg/info/bash.md5sums"));
  root.write("var/lib/dpkg/status", "Package: bash\nVersion: 5\nArchitecture: all\n");
  root.link("bin", "usr/bin");
  const auto directory = root.open();
  const auto judged = [&] {
    return inspected(root.program("usr/bin/bash"), root.at("usr/bin/bash"), directory.get());
  };
  const auto intact = judged();
  CHECK(intact.verdict == PackageVerdict::Matches);
  auto& byte = bash[bash.size() / 2];
  byte = static_cast<char>(byte ^ 1);
  root.write("usr/bin/bash", bash);
  const auto changed = judged();
  CHECK(changed.verdict == PackageVerdict::Differs);
  CHECK(changed.package == "bash");
  CHECK(changed.sha256 != intact.sha256);
}
