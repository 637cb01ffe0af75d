#include "recorder/proc/status.h"

#include <string>

#include <catch2/catch.hpp>

using sockwitness::recorder::parse_status;

namespace {

const std::string kStatus =
    "Name:\tsh\\nUid:\t9\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t7\nTracerPid:\t0\n"
    "Uid:\t1000\t1001\t1002\t1003\nGid:\t50\t51\t52\t53\nNSpid:\t4372\t12\t1\nKthread:\t0\n"
    "CapInh:\t0000000000000000\nCapEff:\t000001fffeffffff\n";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kStatus;
  text.replace(text.find(from), from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("status: the lines that are kept") {
  const auto status = parse_status(kStatus);
  REQUIRE(status);
  CHECK(status->real_uid == 1000);
  CHECK(status->effective_uid == 1001);
  CHECK(status->real_gid == 50);
  CHECK(status->effective_gid == 51);
  CHECK(status->effective_capabilities == 0x1fffeffffffULL);
  CHECK(status->tracer == 0);
  CHECK(status->kernel_thread == false);
  CHECK(status->namespace_pids == std::vector<std::int32_t>{4372, 12, 1});
}

TEST_CASE("status: what older kernels leave out") {
  const auto status = parse_status(with("NSpid:\t4372\t12\t1\nKthread:\t0\n", ""));
  REQUIRE(status);
  CHECK_FALSE(status->kernel_thread);
  CHECK(status->namespace_pids.empty());
  CHECK(parse_status(with("Kthread:\t0", "Kthread:\t1"))->kernel_thread == true);
  CHECK(parse_status(with("TracerPid:\t0", "TracerPid:\t77"))->tracer == 77);
  CHECK(parse_status(with("Uid:\t1000\t1001", "Uid:\t4294967295\t0"))->real_uid == 4294967295U);
}

TEST_CASE("status: malformed files are rejected") {
  const std::pair<std::string, std::string> changes[] = {
      {"Uid:\t1000\t1001\t1002\t1003\n", ""},
      {"Uid:\t1000\t1001\t1002\t1003", "Uid:\t1000\t1001\t1002"},
      {"Uid:\t1000\t1001\t1002\t1003", "Uid:\t1000\t1001\t1002\t1003\t4"},
      {"Uid:\t1000", "Uid: 1000"},
      {"Uid:\t1000", "Uid:\t-1"},
      {"Uid:\t1000", "Uid:\t4294967296"},
      {"Gid:\t50\t51\t52\t53\n", ""},
      {"CapEff:\t000001fffeffffff", "CapEff:\t"},
      {"CapEff:\t000001fffeffffff", "CapEff:\t0x1"},
      {"CapEff:\t000001fffeffffff", "CapEff:\t1000001fffeffffff"},
      {"TracerPid:\t0", "TracerPid:\t-1"},
      {"TracerPid:\t0\n", ""},
      {"Kthread:\t0", "Kthread:\t2"},
      {"NSpid:\t4372\t12", "NSpid:\t4372 12"}};
  for (const auto& [from, to] : changes) {
    INFO(from << " -> " << to);
    CHECK_FALSE(parse_status(with(from, to)));
  }
  CHECK_FALSE(parse_status(""));
}
