#include "recorder/write/hang_text.h"

#include <catch2/catch.hpp>

namespace sockwitness::recorder {
namespace {

using schema::Pid;

Hang program_hang() {
  Hang hang;
  hang.process = Pid(4711);
  hang.thread = Pid(4712);
  hang.thread_start = {93'500'000'000};
  hang.since = {1'763'869'800'000'000};
  hang.what = "program";
  hang.pid = Pid(812);
  hang.pid_start = {1'520'000'000};
  hang.device = schema::Device(54);
  return hang;
}

Hang namespace_hang(std::string path) {
  Hang hang;
  hang.process = hang.thread = Pid(9);
  hang.what = kNamespaceHang;
  hang.path = std::move(path);
  return hang;
}

constexpr std::string_view kBootId = "6f0c1d2e-0000-4000-8000-000000000000";

}  // namespace

TEST_CASE("what hangs comes back as it was noted") {
  const HangText content{std::string(kBootId),
                         {program_hang(), namespace_hang("/run/netns/a b \x1b")}};
  CHECK(parse_hang_text(format_hang_text(content)) == content);
  CHECK(format_hang_text({"x", {program_hang()}}) ==
        "boot x\nhung 4711 4712 93500000000 1763869800000000 program 812 1520000000 54 0 \n");
}

TEST_CASE("a path with a line break makes no line of its own") {
  const auto read = parse_hang_text(
      format_hang_text({"x", {namespace_hang("/a\nhung 1 1 1 1 program 1 1 1 1 ")}}));
  REQUIRE(read.hangs.size() == 1);
  CHECK(read.hangs[0].path == "/a?hung 1 1 1 1 program 1 1 1 1 ");
}

TEST_CASE("lines that say nothing are passed over") {
  const char* const lines[] = {
      "",
      "hung",
      "hung ",
      "hung 1 2 3 4 program 5 6 7",
      "hung x 2 3 4 program 5 6 7 8 ",
      "hung 1 2 3 4  5 6 7 8 ",
      "hung 0 2 3 4 program 5 6 7 8 ",
      "hung 1 -2 3 4 program 5 6 7 8 ",
      "hung 1 99999999999 3 4 program 5 6 7 8 ",
      "hang 1 2 3 4 program 5 6 7 8 ",
  };
  for (const char* line : lines) {
    INFO(line);
    const auto read = parse_hang_text("boot x\n" + std::string(line) + "\n");
    CHECK(read.boot_id == "x");
    CHECK(read.hangs.empty());
  }
  CHECK(parse_hang_text("") == HangText());
  CHECK(parse_hang_text("hung 1 2 3 4 program 0 6 7 8 ").hangs.size() == 1);  // torn at the end
}

}  // namespace sockwitness::recorder
