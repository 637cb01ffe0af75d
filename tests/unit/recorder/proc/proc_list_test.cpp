// The list of processes, over a fake host.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/recorder/proc/fake_reading.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
using schema::GapReason;
using schema::GapSource;

TEST_CASE("list: ascending pids and nothing else") {
  FakeHost host;
  FakeInspector inspector;
  for (const int pid : {1000, 9, 50, 7}) {
    host.add(pid, host.ordinary());
  }
  host.write("proc/uptime", "1");
  host.write("proc/0/stat", "");
  host.write("proc/99x/stat", "");
  ProcSource source(host.roots(), inspector);
  const auto list = source.list_processes();
  CHECK(list.pids == std::vector<schema::Pid>{
                         schema::Pid(7), schema::Pid(9), schema::Pid(50), schema::Pid(1000)});
}

TEST_CASE("list: what hides processes is a gap") {
  FakeHost host;
  FakeInspector inspector;
  ProcSource source(host.roots(), inspector);
  CHECK(objects(source.list_processes().gaps) == Words{});

  host.link("proc/50/ns/pid", "pid:[4026532000]");
  auto gaps = source.list_processes().gaps;
  REQUIRE(objects(gaps) == Words{"pid-namespace"});
  CHECK(gaps[0].source == GapSource::ProcessList);
  CHECK(gaps[0].reason == GapReason::NotSupported);

  // A recorder in a container that looks at the host's processes sees them all.
  host.link("proc/1/ns/pid", "pid:[4026531836]");
  CHECK(objects(source.list_processes().gaps) == Words{});

  std::filesystem::remove(host.proc() + "/1/ns/pid");
  std::filesystem::remove(host.proc() + "/50/ns/pid");
  CHECK(objects(source.list_processes().gaps) == Words{"pid-namespace"});
}

TEST_CASE("list: hidepid counts for those without the right to trace") {
  FakeHost host;
  FakeInspector inspector;
  struct stat status {};
  REQUIRE(::stat(host.proc().c_str(), &status) == 0);
  const std::string device =
      std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  host.write("proc/50/mountinfo",
             "22 1 " + device + " / /proc rw - proc proc rw,hidepid=invisible\n");
  ProcSource source(host.roots(), inspector);
  const auto gaps = source.list_processes().gaps;
  if (::geteuid() == 0) {
    CHECK(objects(gaps) == Words{});
  } else {
    REQUIRE(objects(gaps) == Words{"hidepid"});
    CHECK(gaps[0].reason == GapReason::Permission);
  }
}
