#include <catch2/catch.hpp>

#include "recorder/app/commands.h"

namespace sockwitness::recorder {
namespace {

constexpr std::string_view kMounts =
    "26 21 0:54 / /mnt/a\\040b\\033[31m rw - nfs4 server:/ rw\n"
    "28 21 0:55 / /srv rw - fuse none rw\n";

Hang hang(std::string what, std::uint64_t device, std::int64_t since_s) {
  Hang made;
  made.what = std::move(what);
  made.pid = schema::Pid(812);
  made.device = schema::Device(device);
  made.since.microseconds = since_s * 1'000'000;
  return made;
}

}  // namespace

TEST_CASE("what does not answer is told by its place, and since when") {
  CHECK(waiting_line({}, kMounts).empty());
  CHECK(waiting_line({hang("program", 55, 1'763'869'800)}, kMounts) ==
        "the file system at '/srv' does not answer since 2025-11-23T03:50:00Z: it is not asked "
        "again before it does");
  const auto two = waiting_line({hang("program", 55, 1'763'869'800),
                                 hang("script", 55, 1'763'869'800),
                                 hang("program", 54, 1'763'869'000)},
                                kMounts);
  CHECK(two.find("'/mnt/a b\\x1b[31m' and 1 more does not answer since 2025-11-23T03:36:40Z") !=
        std::string::npos);
  CHECK(
      waiting_line({hang("command_line", 0, 0)}, kMounts).find("the command_line of process 812") ==
      0);
  CHECK(waiting_line({hang("program", 99, 0)}, kMounts).find("the program of process 812") == 0);
}

}  // namespace sockwitness::recorder
