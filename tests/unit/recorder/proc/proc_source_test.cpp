#include "recorder/proc/proc_source.h"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/recorder/proc/fake_reading.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
using schema::GapReason;
using schema::GapSource;

namespace {

KnownProcess known_of(const ProcessReading& reading) {
  return {.start = reading.process.start,
          .name = reading.process.name,
          .exec_mark = reading.process.exec_mark,
          .script = reading.process.script,
          .title = reading.process.title,
          .command_line = reading.process.command_line,
          .program_device = reading.program->device,
          .program_inode = reading.program->inode,
          .pid_namespace = reading.process.pid_namespace};
}

}  // namespace

TEST_CASE("process: every field of an ordinary one") {
  FakeHost host;
  FakeInspector inspector;
  host.add(50, host.ordinary());
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  const ProcessReading& reading = result.value();
  CHECK(objects(reading.gaps) == Words{});
  const schema::Process& process = reading.process;
  CHECK(process.pid == schema::Pid(50));
  CHECK(process.start == schema::BootTime{1'000'000'000});
  CHECK(process.parent == schema::Pid(1));
  CHECK(process.process_group == schema::Pid(7));
  CHECK(process.session == schema::Pid(8));
  CHECK(process.tty == 34816);
  CHECK(process.name == "daemon");
  CHECK(process.command_line == std::string("daemon\0-x\0", 10));
  CHECK(process.working_directory == "/srv");
  CHECK(process.real_uid == schema::Uid(33));
  CHECK(process.effective_uid == schema::Uid(34));
  CHECK(process.real_gid == schema::Gid(43));
  CHECK(process.effective_gid == schema::Gid(44));
  CHECK(process.login_uid == schema::Uid(1000));
  CHECK(process.capabilities == 0x400);
  CHECK_FALSE(process.tracer);
  CHECK(process.cgroup == "/system.slice/daemon.service");
  CHECK(process.unit == "daemon.service");
  CHECK(process.preload == std::string("LD_PRELOAD=/x.so\0", 17));
  CHECK(process.recorder);
  CHECK(reading.netns == schema::Inode(1000));
  CHECK(process.mount_namespace == schema::Inode(1001));
  CHECK(process.pid_namespace == schema::Inode(1002));
  CHECK(process.user_namespace == schema::Inode(1003));
  CHECK(reading.deep);

  REQUIRE(reading.program);
  CHECK(reading.program->path == host.root() + "/bin/daemon");
  CHECK(reading.program->state == schema::FileState::Present);
  CHECK(reading.program->size == 24);
  CHECK(inspector.asked == std::vector<std::pair<std::string, Inspection>>{
                               {reading.program->path, Inspection::Content}});
  CHECK(inspector.contents[reading.program->path] == "program of the f");

  CHECK(reading.descriptors_readable);
  CHECK(reading.sockets ==
        std::vector<std::pair<schema::Fd, schema::Inode>>{{schema::Fd(3), schema::Inode(777)}});
  CHECK(reading.netns_descriptors ==
        std::vector<std::pair<schema::Fd, schema::Inode>>{{schema::Fd(5), schema::Inode(999)}});
  REQUIRE(reading.descriptors.size() == 2);
  for (const auto& descriptor : reading.descriptors) {
    if (descriptor.fd == schema::Fd(0)) {
      CHECK(descriptor.kind == schema::DescriptorKind::Null);
      CHECK(descriptor.target == "/dev/null");
    } else {
      CHECK(descriptor.fd == schema::Fd(4));
      CHECK(descriptor.kind == schema::DescriptorKind::Pipe);
      CHECK(descriptor.inode == schema::Inode(888));
      CHECK(descriptor.target.empty());
    }
  }
}

TEST_CASE("process: one that is not there") {
  FakeHost host;
  FakeInspector inspector;
  const auto result = read_fake(host, inspector, 51);
  REQUIRE_FALSE(result);
  CHECK(result.error().number == ENOENT);
}

TEST_CASE("process: a malformed stat file is an error, not a process") {
  FakeHost host;
  FakeInspector inspector;
  host.add(50, host.ordinary());
  host.write("proc/50/stat", "50 (x");
  const auto result = read_fake(host, inspector, 50);
  REQUIRE_FALSE(result);
  CHECK(result.error().number == EBADMSG);
}

TEST_CASE("process: kernel threads and zombies have no gaps") {
  FakeHost host;
  FakeInspector inspector;
  FakeProcess bare;
  bare.files["status"] = host.ordinary().files["status"];
  bare.links = {{"ns/net", "net:[1000]"}, {"ns/mnt", "mnt:[1001]"}, {"ns/pid", "pid:[1002]"}};
  bare.name = std::string("kworker/0:1-events");
  bare.state = 'I';
  bare.flags = 0x200000;
  host.add(60, bare);
  auto result = read_fake(host, inspector, 60);
  REQUIRE(result);
  CHECK(objects(result.value().gaps) == Words{});
  CHECK(result.value().process.kernel_thread);
  CHECK(result.value().process.name == "kworker/0:1");
  CHECK_FALSE(result.value().process.command_line);
  CHECK_FALSE(result.value().program);
  CHECK(result.value().descriptors_readable);
  CHECK(result.value().netns == schema::Inode(1000));

  FakeProcess zombie;
  zombie.files["status"] = host.ordinary().files["status"];
  zombie.state = 'Z';
  host.add(61, zombie);
  result = read_fake(host, inspector, 61);
  REQUIRE(result);
  CHECK(objects(result.value().gaps) == Words{});
  CHECK(result.value().process.zombie);
  CHECK(result.value().process.real_uid == schema::Uid(33));
}

TEST_CASE("process: kernel threads take from kthreadd what they share with it") {
  FakeHost host;
  FakeInspector inspector;
  FakeProcess daemon;
  daemon.name = std::string("kthreadd");
  daemon.flags = 0x200000;
  daemon.files["status"] = host.ordinary().files["status"];
  daemon.links = {{"ns/net", "net:[1000]"}, {"ns/mnt", "mnt:[1001]"}, {"ns/pid", "pid:[1002]"}};
  host.add(2, daemon);
  FakeProcess thread;
  thread.name = std::string("kswapd0");
  thread.flags = 0x200000;
  host.add(62, thread);  // no status, no namespaces: nothing of it but stat is read
  const auto result = read_fake(host, inspector, 62);
  REQUIRE(result);
  CHECK(result.value().process.real_uid == schema::Uid(33));
  CHECK(result.value().process.capabilities == 0x400);
  CHECK(result.value().netns == schema::Inode(1000));
  CHECK(objects(result.value().gaps) == Words{});
}

TEST_CASE("process: every program is started with a name, so an empty command line is none") {
  FakeHost host;
  FakeInspector inspector;
  auto process = host.ordinary();
  process.files["cmdline"].clear();
  host.add(50, process);
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  CHECK_FALSE(result.value().process.command_line);
  CHECK(objects(result.value().gaps) == Words{"command_line"});
}

TEST_CASE("process: what cannot be read is a gap of that field alone") {
  FakeHost host;
  FakeInspector inspector;
  const std::pair<std::string, std::string> fields[] = {{"status", "status"},
                                                        {"cmdline", "command_line"},
                                                        {"cgroup", "cgroup"},
                                                        {"loginuid", "login_uid"},
                                                        {"environ", "environment"},
                                                        {"maps", "mappings"}};
  int pid = 50;
  for (const auto& [file, field] : fields) {
    auto process = host.ordinary();
    process.files.erase(file);
    process.links[file] = std::string(".");  // reading a folder gives EISDIR
    host.add(++pid, process);
    const auto result = read_fake(host, inspector, pid);
    INFO(field);
    REQUIRE(result);
    REQUIRE(objects(result.value().gaps) == Words{field});
    const auto& gap = result.value().gaps[0];
    CHECK(gap.source == GapSource::ProcessField);
    CHECK(gap.reason == GapReason::Failed);
    CHECK(gap.error_number == EISDIR);
    CHECK(gap.pid == schema::Pid(pid));
  }
  // Ids that could not be read are nobody's, above all not root's.
  const auto result = read_fake(host, inspector, 51);
  CHECK(result.value().process.real_uid == schema::Uid(4294967295));
}

TEST_CASE("process: what could not be read is marked, and nothing else") {
  using schema::Part;
  FakeHost host;
  FakeInspector inspector;
  const auto marks = [&](int pid, const std::string& file, const std::string& content) {
    auto process = host.ordinary();
    process.files.erase(file);
    process.links.erase(file);
    if (content.empty()) {
      process.links[file] = std::string(".");  // reading a folder gives EISDIR
    } else {
      process.files[file] = content;
    }
    host.add(pid, process);
    const auto result = read_fake(host, inspector, pid);
    REQUIRE(result);
    CHECK(result.value().gaps.empty() == result.value().process.unread.empty());
    return schema::part_words(result.value().process.unread);
  };
  using Parts = std::vector<std::string_view>;
  CHECK(marks(50, "status", host.ordinary().files["status"]) == Parts{});
  CHECK(marks(51, "status", {}) == Parts{"ids"});
  CHECK(marks(52, "status", "Uid:\t0\t0\t0\t0\n") == Parts{"ids"});
  CHECK(marks(53, "cmdline", {}) == Parts{"command_line"});
  CHECK(marks(54, "cgroup", "0::/system.slice/daem") == Parts{"cgroup"});
  CHECK(marks(55, "loginuid", "?") == Parts{"login_uid"});
  CHECK(marks(56, "environ", {}) == Parts{"environment"});
  CHECK(marks(57, "maps", "00400000-00401000 r--p 0000") == Parts{"mappings"});
  CHECK(marks(58, "ns/user", "x") == Parts{"namespaces"});
}

TEST_CASE("process: what its neighbours have and it lacks could not be read") {
  FakeHost host;
  FakeInspector inspector;
  host.add(50, host.ordinary());  // the recorder's own
  auto process = host.ordinary();
  process.files.erase("cgroup");
  process.files.erase("loginuid");
  process.links.erase("ns/user");
  host.add(51, process);
  const auto result = read_fake(host, inspector, 51);
  REQUIRE(result);
  CHECK(objects(result.value().gaps) == Words{"cgroup", "login_uid", "namespaces"});
  for (const auto& gap : result.value().gaps) {
    CHECK(gap.reason == GapReason::Vanished);
  }
}

TEST_CASE("process: of an interpreter whose command line is not known, neither is the script") {
  FakeHost host;
  FakeInspector inspector;
  host.write("root/bin/python3", "an interpreter");
  auto process = host.ordinary();
  process.links["exe"] = host.root() + "/bin/python3";
  process.files.erase("cmdline");
  process.links["cmdline"] = std::string(".");
  host.add(50, process);
  const auto unread = read_fake(host, inspector, 50).value().process.unread;
  CHECK(unread.contains(schema::Part::CommandLine));
  CHECK(unread.contains(schema::Part::Script));
  // A relative script lies below a working directory that could not be read.
  process = host.ordinary();
  process.links["exe"] = host.root() + "/bin/python3";
  process.files["cmdline"] = std::string("python3\0app.py\0", 15);
  process.links.erase("cwd");
  process.files["cwd"] = "no link";
  host.add(51, process);
  const auto result = read_fake(host, inspector, 51);
  CHECK(result.value().process.unread.contains(schema::Part::Script));
  CHECK(result.value().process.script.empty());
}

TEST_CASE("process: malformed fields are gaps, too") {
  FakeHost host;
  FakeInspector inspector;
  auto process = host.ordinary();
  process.files["status"] = "Name:\tx\n";
  process.files["loginuid"] = "x";
  process.files["maps"] = "x\n";
  process.links["ns/net"] = "nonsense";
  host.add(50, process);
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  CHECK(objects(result.value().gaps) == Words{"status", "login_uid", "namespaces", "mappings"});
}

TEST_CASE("process: optional kernel features are no gaps") {
  FakeHost host;
  FakeInspector inspector;
  auto process = host.ordinary();
  process.files.erase("loginuid");
  process.files.erase("cgroup");
  process.links.erase("ns/user");
  host.add(50, process);
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  CHECK(objects(result.value().gaps) == Words{});
  CHECK_FALSE(result.value().process.login_uid);
  host.write("proc/50/loginuid", "4294967295");
  CHECK_FALSE(read_fake(host, inspector, 50).value().process.login_uid);
}

TEST_CASE("process: a skipped step is a gap that says timed out") {
  FakeHost host;
  FakeInspector inspector;
  host.add(50, host.ordinary());
  for (const auto step : {ProcessStep::Status,
                          ProcessStep::CommandLine,
                          ProcessStep::Program,
                          ProcessStep::WorkingDirectory,
                          ProcessStep::Control,
                          ProcessStep::Descriptors,
                          ProcessStep::Environment,
                          ProcessStep::Mappings,
                          ProcessStep::Script}) {
    const std::string word(step_word(step));
    const auto mask = 1U << static_cast<unsigned>(step);
    const auto result = read_fake(host, inspector, 50, nullptr, false, mask);
    INFO(word);
    REQUIRE(result);
    REQUIRE(objects(result.value().gaps) == Words{word});
    CHECK(result.value().gaps[0].reason == GapReason::TimedOut);
    CHECK(result.value().descriptors_readable == (step != ProcessStep::Descriptors));
  }
  const auto result = read_fake(host, inspector, 50, nullptr, false, 1U << 1U);
  REQUIRE_FALSE(result);
  CHECK(result.error().number == ETIMEDOUT);
}

TEST_CASE("process: costly facts are read when something changed") {
  FakeHost host;
  FakeInspector inspector;
  host.add(50, host.ordinary());
  const auto first = read_fake(host, inspector, 50);
  REQUIRE(first);
  const KnownProcess same = known_of(first.value());

  const auto quick = read_fake(host, inspector, 50, &same);
  REQUIRE(quick);
  CHECK_FALSE(quick.value().deep);
  CHECK(quick.value().process.preload.empty());
  CHECK(quick.value().program);
  CHECK(quick.value().sockets.size() == 1);

  CHECK(read_fake(host, inspector, 50, &same, true).value().deep);
  auto changed = same;
  changed.start.nanoseconds += 1;
  CHECK(read_fake(host, inspector, 50, &changed).value().deep);
  changed = same;
  changed.name += "x";
  CHECK(read_fake(host, inspector, 50, &changed).value().deep);
  changed = same;
  changed.command_line.reset();
  CHECK(read_fake(host, inspector, 50, &changed).value().deep);
  changed = same;
  changed.program_inode = schema::Inode(1);
  CHECK(read_fake(host, inspector, 50, &changed).value().deep);
  changed = same;
  changed.program_device = schema::Device(1);
  CHECK(read_fake(host, inspector, 50, &changed).value().deep);
}

TEST_CASE("process: a change while it is read") {
  FakeHost host;
  FakeInspector inspector;
  auto process = host.ordinary();
  host.add(50, process);
  int calls = 0;

  SECTION("another start time is another process") {
    inspector.on_inspect = [&](const schema::Program&) {
      process.ticks += 1;
      host.write("proc/50/stat", FakeHost::stat_line(50, process));
    };
    const auto result = read_fake(host, inspector, 50);
    REQUIRE_FALSE(result);
    CHECK(result.error().number == ESRCH);
  }
  SECTION("one change of name is read again") {
    inspector.on_inspect = [&](const schema::Program&) {
      if (++calls == 1) {
        process.name = std::string("renamed");
        host.write("proc/50/stat", FakeHost::stat_line(50, process));
      }
    };
    const auto result = read_fake(host, inspector, 50);
    REQUIRE(result);
    CHECK(calls == 2);
    CHECK(result.value().process.name == "renamed");
    CHECK(objects(result.value().gaps) == Words{});
  }
  SECTION("one change of program is read again") {
    host.write("root/bin/other", "another program");
    inspector.on_inspect = [&](const schema::Program&) {
      if (++calls == 1) {
        host.link("proc/50/exe", host.root() + "/bin/other");
      }
    };
    const auto result = read_fake(host, inspector, 50);
    REQUIRE(result);
    CHECK(result.value().program->path == host.root() + "/bin/other");
    CHECK(objects(result.value().gaps) == Words{});
  }
  SECTION("who changes every time is raced") {
    inspector.on_inspect = [&](const schema::Program&) {
      process.name = "name" + std::to_string(++calls);
      host.write("proc/50/stat", FakeHost::stat_line(50, process));
    };
    const auto result = read_fake(host, inspector, 50);
    REQUIRE(result);
    REQUIRE(result.value().gaps.size() == 1);
    CHECK(result.value().gaps[0].source == GapSource::Process);
    CHECK(result.value().gaps[0].reason == GapReason::Raced);
    CHECK(result.value().gaps[0].pid == schema::Pid(50));
  }
  SECTION("one that ends is read again as a zombie") {
    inspector.on_inspect = [&](const schema::Program&) {
      process.state = 'Z';
      host.write("proc/50/stat", FakeHost::stat_line(50, process));
      std::filesystem::remove(host.proc() + "/50/maps");
    };
    const auto result = read_fake(host, inspector, 50);
    REQUIRE(result);
    CHECK(result.value().process.zombie);
    CHECK(objects(result.value().gaps) == Words{});
  }
}

TEST_CASE("process: a first thread that ended does not hide the others") {
  FakeHost host;
  FakeInspector inspector;
  FakeProcess leader;
  leader.state = 'Z';
  leader.threads = 2;
  host.add(50, leader);
  FakeProcess thread = host.ordinary();
  for (const auto& [name, target] : thread.links) {
    host.link("proc/50/task/52/" + name, target);
  }
  for (const auto& [name, content] : thread.files) {
    host.write("proc/50/task/52/" + name, content);
  }
  host.write("proc/50/task/50/stat", FakeHost::stat_line(50, leader));
  host.write("proc/50/task/52/stat", FakeHost::stat_line(52, thread));
  const auto result = read_fake(host, inspector, 50);
  REQUIRE(result);
  CHECK_FALSE(result.value().process.zombie);
  CHECK(result.value().process.pid == schema::Pid(50));
  CHECK(result.value().sockets.size() == 1);
  CHECK(result.value().program);
  CHECK(objects(result.value().gaps) == Words{});
}
