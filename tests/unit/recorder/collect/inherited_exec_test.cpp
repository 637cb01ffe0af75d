// Forked workers that wrote a title over their arguments before the first snapshot.
#include "recorder/collect/inherited_exec.h"

#include <catch2/catch.hpp>

#include "schema/model/snapshot.h"

namespace sockwitness::recorder {
namespace {

using namespace std::string_literals;
using schema::Process;
using schema::Snapshot;

constexpr std::uint32_t kMark = 77;

Snapshot host_with(const std::string& program) {
  Snapshot snapshot;
  for (const std::string& path : {program, "/usr/bin/python3.11"s}) {
    snapshot.programs.emplace_back().path = path;
  }
  return snapshot;
}

Process& add(Snapshot& snapshot, int pid, int parent, std::string line) {
  Process& process = snapshot.processes.emplace_back();
  process.pid = schema::Pid(pid);
  process.parent = schema::Pid(parent);
  process.start = schema::BootTime{pid * 10};
  process.exec_mark = kMark;
  process.program = schema::ProgramIndex(0);
  process.command_line = std::move(line);
  return process;
}

const std::string kMaster = "/usr/bin/python3\0/opt/shop.py\0"s;

}  // namespace

TEST_CASE("inherited exec: a forked worker has its parent's script, and a title") {
  Snapshot snapshot = host_with("/usr/bin/python3.11");
  // The worker of a worker comes first in the list.
  add(snapshot, 30, 20, "shop: mail\0\0\0\0\0\0"s);
  add(snapshot, 20, 10, "worker1\0\0\0\0\0\0"s).unread.insert(schema::Part::Script);
  add(snapshot, 10, 1, kMaster).script = "/opt/shop.py";
  snapshot.processes[2].script_file = schema::ProgramIndex(1);
  inherit_exec(snapshot);
  for (const std::size_t at : {0U, 1U}) {
    const Process& worker = snapshot.processes[at];
    CHECK(worker.command_line == kMaster);
    CHECK(worker.script == "/opt/shop.py");
    CHECK(worker.script_file == schema::ProgramIndex(1));
    CHECK(worker.unread.empty());
  }
  CHECK(snapshot.processes[0].title == "shop: mail");
  CHECK(snapshot.processes[1].title == "worker1");
  CHECK(snapshot.processes[2].title.empty());
}

TEST_CASE("inherited exec: nothing is taken over from what is not its own") {
  struct Case {
    const char* what;
    void (*change)(Snapshot&);
  };
  const std::vector<Case> cases = {
      {"it ran another program since", [](Snapshot& s) { s.processes[1].exec_mark = kMark + 1; }},
      {"its exec is not known",
       [](Snapshot& s) { s.processes[0].exec_mark = s.processes[1].exec_mark = 0; }},
      {"another program", [](Snapshot& s) { s.processes[1].program = schema::ProgramIndex(1); }},
      {"another parent", [](Snapshot& s) { s.processes[1].parent = schema::Pid(1); }},
      {"older than its parent", [](Snapshot& s) { s.processes[1].start = schema::BootTime{1}; }},
      {"it names an application itself",
       [](Snapshot& s) { s.processes[1].command_line = "python3\0/opt/other.py\0"s; }},
      {"its parent has a title as well",
       [](Snapshot& s) { s.processes[0].command_line = "shop: master\0\0\0"s; }},
      {"the parent's script could not be read",
       [](Snapshot& s) { s.processes[0].unread.insert(schema::Part::Script); }},
      {"no runtime", [](Snapshot& s) { s.programs[0].path = "/usr/sbin/nginx"; }}};
  for (const Case& each : cases) {
    INFO(each.what);
    Snapshot snapshot = host_with("/usr/bin/python3.11");
    add(snapshot, 10, 1, kMaster).script = "/opt/shop.py";
    add(snapshot, 20, 10, "shop: worker\0\0\0"s);
    each.change(snapshot);
    const Snapshot before = snapshot;
    inherit_exec(snapshot);
    CHECK(snapshot == before);
  }
}

}  // namespace sockwitness::recorder
