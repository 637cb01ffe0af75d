#include "recorder/programs/dpkg_text.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace sockwitness::recorder;

namespace {

std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> paths;
  visit_list(text, [&](std::string_view path) { paths.emplace_back(path); });
  return paths;
}

std::vector<std::string> summed(std::string_view text) {
  std::vector<std::string> lines;
  visit_checksums(text, [&](std::string_view digest, std::string_view path) {
    lines.push_back(std::string(digest.substr(0, 2)) + ":" + std::string(path));
  });
  return lines;
}

constexpr std::string_view kSum = "7210080490f9fd139c1b44fa0f730988";

}  // namespace

TEST_CASE("a list gives its files and leaves out what is seen to be a directory") {
  using Paths = std::vector<std::string>;
  CHECK(listed("/.\n/bin\n/bin/bash\n/bin/rbash\n") == Paths{"/.", "/bin/bash", "/bin/rbash"});
  CHECK(listed("/bin\n/bin/a") == Paths{"/bin/a"});
  CHECK(listed("/bin/a\n/bin/ab\n") == Paths{"/bin/a", "/bin/ab"});
  CHECK(listed("/a b\xff\n") == Paths{"/a b\xff"});
  CHECK(listed("") == Paths{});
  CHECK(listed("\n\n") == Paths{});
  CHECK(listed("relative\n/x\n") == Paths{"/x"});
}

TEST_CASE("a checksum line is digest, two blanks, path") {
  using Lines = std::vector<std::string>;
  const std::string sum(kSum);
  CHECK(summed(sum + "  bin/bash\n" + sum + "  a b\n") == Lines{"72:bin/bash", "72:a b"});
  CHECK(summed(sum + "  x") == Lines{"72:x"});
  for (const auto& bad : {sum, sum + "  ", sum + " bin/bash", sum + " *bin/bash", std::string()}) {
    CAPTURE(bad);
    CHECK(summed(bad + "\n") == Lines{});
  }
}

TEST_CASE("an MD5 is 32 hexadecimal digits") {
  const auto digest = parse_md5(kSum);
  REQUIRE(digest);
  CHECK((*digest)[0] == 0x72);
  CHECK((*digest)[15] == 0x88);
  CHECK(parse_md5("7210080490F9FD139C1B44FA0F730988") == digest);
  for (const std::string_view bad : {"",
                                     "72",
                                     "7210080490f9fd139c1b44fa0f73098",
                                     "7210080490f9fd139c1b44fa0f7309888",
                                     "g210080490f9fd139c1b44fa0f730988",
                                     "+210080490f9fd139c1b44fa0f730988",
                                     "7 10080490f9fd139c1b44fa0f730988"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_md5(bad));
  }
}

TEST_CASE("a status stanza gives name, architecture and version") {
  std::string_view text =
      "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2+b8\n"
      "Description: shell\n Version: not a field\n\n"
      "Package: nothing-known\n\n\n"
      "Package:libc6 \nVersion: 2.36\nArchitecture: amd64";
  const auto bash = scan_stanza(text);
  REQUIRE(bash);
  CHECK(bash->name == "bash");
  CHECK(bash->architecture == "amd64");
  CHECK(bash->version == "5.2.15-2+b8");
  const auto libc = scan_stanza(text);
  REQUIRE(libc);
  CHECK(libc->name == "libc6");
  CHECK(libc->version == "2.36");
  CHECK_FALSE(scan_stanza(text));
}

TEST_CASE("a diversion is three lines") {
  std::string_view text = "/bin/sh\n/bin/sh.distrib\ndash\n/x\n/y\n:\n/torn\n";
  const auto first = scan_diversion(text);
  REQUIRE(first);
  CHECK(first->from == "/bin/sh");
  CHECK(first->to == "/bin/sh.distrib");
  CHECK(first->package == "dash");
  REQUIRE(scan_diversion(text));
  CHECK_FALSE(scan_diversion(text));
  CHECK(text.empty());
}
