// What follows about programs and processes before any rule.

#include <catch2/catch.hpp>

#include "query/rules/invocation.h"
#include "query/rules/process_facts.h"
#include "query/rules/program_kind.h"
#include "query/rules/shell_text.h"
#include "tests/unit/query/rules/rule_scene.h"

namespace sockwitness {

using query::Arguments;
using query::HostFacts;
using query::Kind;
using schema::FileState;
using schema::PackageVerdict;
using test::RuleScene;

TEST_CASE("kinds by name, with versions and nothing longer") {
  struct Row {
    const char* name;
    const char* family;  // "" for none
  };
  const Row row = GENERATE(values<Row>({{"bash", "bash"},
                                        {"rbash", "bash"},
                                        {"dash", "dash"},
                                        {"zsh5", "zsh"},
                                        {"rc", "rc"},
                                        {"python3.11", "python"},
                                        {"perl5.36.0", "perl"},
                                        {"php8.2", "php"},
                                        {"luajit-2.1.0-beta3", "lua"},
                                        {"nc.openbsd", "netcat"},
                                        {"ncat", "netcat"},
                                        {"socat", "socat"},
                                        {"bashful", ""},
                                        {"node_exporter", ""},
                                        {"shutdown", ""},
                                        {"perl-", ""},
                                        {"-bash", ""},
                                        {"", ""}}));
  const auto kind = query::find_kind(row.name);
  CAPTURE(row.name);
  CHECK((kind ? kind->family : "") == row.family);
}

TEST_CASE("how shells and interpreters were called") {
  struct Row {
    const char* family;
    Arguments arguments;
    const char* code;
    bool names_code;
    bool bare;
    bool obeys = bare;
  };
  const Row rows[] = {
      {"bash", {"bash"}, "", false, true},
      {"bash", {"-bash"}, "", false, true},
      {"bash", {"bash", "-i"}, "", false, true},
      {"bash", {"bash", "--norc", "-i"}, "", false, true},
      {"bash", {"bash", "--rcfile", "/tmp/rc", "-i"}, "", false, true},
      {"bash", {"bash", "-c", "id"}, "id", false, false},
      {"bash", {"bash", "-lc", "id", "x"}, "id", false, false},
      {"bash", {"bash", "-c", "-e", "id"}, "id", false, false},
      {"bash", {"bash", "-o", "pipefail", "-c", "id"}, "id", false, false},
      {"bash", {"bash", "-ec", "id"}, "id", false, false},
      {"bash", {"bash", "+o", "history"}, "", false, true},
      {"bash", {"bash", "/opt/x.sh"}, "", true, false},
      {"bash", {"bash", "-x", "/opt/x.sh", "-c"}, "", true, false},
      {"bash", {"bash", "-s", "argument"}, "", true, true},
      {"bash", {"bash", "-"}, "", false, true},
      {"bash", {"bash", "--", "/opt/x.sh"}, "", true, false},
      {"bash", {"bash", "/dev/stdin"}, "", true, true},
      {"bash", {"bash", "-c", ". /dev/stdin"}, ". /dev/stdin", false, true},
      {"bash", {"bash", "-c", "cat /dev/stdin"}, "cat /dev/stdin", false, false},
      {"sh",
       {"sh", "-c", "while read l; do eval $l; done"},
       "while read l; do eval $l; done",
       false,
       false,
       true},
      {"rc", {"rc", "-i"}, "", false, true},
      {"rc", {"rc", "-lc", "id"}, "id", false, false},
      {"sh", {"sh", "-c"}, "", false, true},
      {"python", {"python3", "-u", "/dev/fd/0"}, "", true, true},
      {"python", {"python3"}, "", false, true},
      {"python", {"python3", "-"}, "", false, true},
      {"python", {"python3", "-u", "-c", "x", "y"}, "x", false, false},
      {"python", {"python3", "-uc", "x"}, "x", false, false},
      {"python", {"python3", "-cx"}, "x", false, false},
      {"python", {"python3", "-W", "ignore", "a.py"}, "", true, false},
      {"python", {"python3", "-m", "http.server"}, "", true, false},
      {"perl", {"perl", "-MSocket", "-e", "a", "-e", "b"}, "a\nb", false, false},
      {"perl", {"perl", "-i.bak", "x.pl"}, "", true, false},
      {"ruby", {"ruby", "-rsocket", "-e", "a"}, "a", false, false},
      {"ruby", {"ruby", "-run", "-e", "httpd", "."}, "httpd", false, false},
      {"node", {"node", "--eval", "a"}, "a", false, false},
      {"node", {"node", "--eval=a"}, "a", false, false},
      {"node", {"node", "--require", "x", "a.js"}, "", true, false},
      {"php", {"php", "-r", "a"}, "a", false, false},
      {"php", {"php", "-S", "0:80"}, "", true, false},
      {"php", {"php", "-S", "0:80", "a.php"}, "", true, false},
      {"lua", {"lua5.4", "-e", "a"}, "a", false, false},
      {"awk", {"gawk", "BEGIN {}"}, "BEGIN {}", false, false},
      {"awk", {"gawk", "-F", ":", "{ x }", "file"}, "{ x }", false, false},
      {"awk", {"gawk", "-f", "a.awk", "file"}, "", true, false},
      {"awk", {"mawk", "-W", "interactive", "{ x }"}, "{ x }", false, false},
      {"gdb", {"gdb", "-nx", "-ex", "python x", "-ex", "quit"}, "python x\nquit", false, false},
      {"java", {"java", "-cp", "x", "Main"}, "", true, false},
      {"java", {"java", "-jar", "x.jar"}, "", true, false},
      {"tcl", {"tclsh"}, "", false, true},
      {"netcat", {"nc", "-l"}, "", false, false},
  };
  for (const Row& row : rows) {
    const auto invocation = query::read_invocation(row.family, row.arguments);
    std::string words;
    for (const auto argument : row.arguments) {
      words += std::string(argument) + " ";
    }
    CAPTURE(words);
    CHECK(invocation.inline_code == row.code);
    CHECK(invocation.names_code == row.names_code);
    CHECK(invocation.bare == row.bare);
    CHECK(invocation.obeys == row.obeys);
  }
}

TEST_CASE("the text of a shell that runs what it reads") {
  struct Row {
    const char* text;
    bool evaluates;
  };
  const Row row = GENERATE(values<Row>({
      {"while read -r l; do eval \"$l\"; done", true},
      {"while IFS= read -r -u 3 line; do $line; done", true},
      {"exec 5<&0; while read -r l <&5; do ${l} 2>&1; done", true},
      {"while read c; do sh -c \"$c\"; done", true},
      {"while :; do read; $REPLY; done", true},
      {"mapfile -t a; eval \"${a[*]}\"", true},
      {"eval \"$(cat)\"", true},
      {"while read -r f; do \"$COMMAND\" \"$f\"; done", false},
      {"while read -r l; do echo \"$l\"; done", false},
      {"eval \"$(ssh-agent)\"; exec sleep 9", false},
      {"eval \"$(cat /etc/profile)\"", false},
      {"sh -c id", false},
      {"", false},
  }));
  CAPTURE(row.text);
  CHECK(query::evaluates_input(row.text) == row.evaluates);
}

TEST_CASE("what the dynamic loader and busybox were called for") {
  struct Row {
    const char* path;
    std::initializer_list<std::string_view> arguments;
    const char* family;
    bool bare;
  };
  const Row rows[] = {
      {"/lib64/ld-linux-x86-64.so.2", {"ld.so", "/usr/bin/bash", "-i"}, "bash", true},
      {"/lib64/ld-linux-x86-64.so.2",
       {"ld.so", "--inhibit-cache", "--library-path", "/x", "/usr/bin/perl", "-e", "1"},
       "perl",
       false},
      {"/lib/ld-musl-x86_64.so.1", {"ld.so", "/bin/busybox", "sh"}, "sh", true},
      {"/lib64/ld-linux-x86-64.so.2", {"ld.so", "--list"}, "", false},
      {"/lib64/ld-linux-x86-64.so.2", {"ld.so", "/usr/bin/sleep", "bash"}, "", false},
      {"/usr/bin/busybox", {"-sh"}, "sh", true},
      {"/usr/bin/busybox", {"busybox", "nc", "-l"}, "netcat", false},
      {"/usr/bin/busybox", {"busybox"}, "", false},
      {"/usr/bin/ld.gold", {"ld", "/usr/bin/bash"}, "", false},
  };
  for (const Row& row : rows) {
    RuleScene scene;
    const auto process = scene.run(row.path, row.arguments);
    const schema::SnapshotView view(scene.snapshot);
    const HostFacts facts(view, {});
    CAPTURE(row.path, *scene.at(process).command_line);
    const auto& found = facts.process(process);
    CHECK((found.kind ? found.kind->family : "") == row.family);
    CHECK(found.invocation.bare == row.bare);
  }
}

TEST_CASE("copies that are told by their content") {
  RuleScene scene;
  SECTION("a busybox under another name is what it is called as") {
    scene.run("/usr/bin/busybox", {"busybox", "httpd"});
    const auto copy = scene.run_unowned("/opt/svc", {"sh"});
    scene.program(copy).sha256 = scene.snapshot.programs[1].sha256;
    const schema::SnapshotView view(scene.snapshot);
    CHECK(HostFacts(view, {}).process(copy).kind->family == "sh");
  }
  SECTION("a file that the loader was given is among the mapped ones") {
    scene.run("/usr/bin/bash");
    const auto loader = scene.run("/lib64/ld-linux-x86-64.so.2", {"ld.so", "./svc", "-i"});
    scene.map(loader, "/opt/svc").sha256 = scene.snapshot.programs[1].sha256;
    const schema::SnapshotView view(scene.snapshot);
    CHECK(HostFacts(view, {}).process(loader).kind->family == "bash");
  }
}

TEST_CASE("genuine: a package vouches for the file that runs") {
  struct Row {
    PackageVerdict verdict;
    FileState state;
    const char* path;
    const char* package;
    std::optional<bool> genuine;
  };
  const Row rows[] = {
      {PackageVerdict::Matches, FileState::Present, "/usr/bin/x", "x", true},
      {PackageVerdict::NoChecksum, FileState::Present, "/usr/bin/x", "x", true},
      {PackageVerdict::NotChecked, FileState::Present, "/usr/bin/x", "x", true},
      {PackageVerdict::Differs, FileState::Present, "/usr/bin/x", "x", false},
      {PackageVerdict::NotOwned, FileState::Present, "/usr/bin/x", "", false},
      {PackageVerdict::NoDatabase, FileState::Present, "/usr/bin/x", "", true},
      {PackageVerdict::NoDatabase, FileState::Present, "/usr/lib/.x/y", "", false},
      {PackageVerdict::NoDatabase, FileState::Present, "/opt/x", "", false},
      {PackageVerdict::Matches, FileState::Unknown, "/usr/bin/x", "x", std::nullopt},
      {PackageVerdict::NotOwned, FileState::Deleted, "/usr/bin/x", "", false},
      {PackageVerdict::NotOwned, FileState::Memfd, "/memfd:x", "", false},
      {PackageVerdict::Differs, FileState::Replaced, "/usr/bin/x", "x", false},
      {PackageVerdict::NotOwned, FileState::Replaced, "/opt/x", "", false},
  };
  for (const Row& row : rows) {
    RuleScene scene;
    const auto process = scene.run(row.path);
    scene.program(process).verdict = row.verdict;
    scene.program(process).state = row.state;
    scene.program(process).package = row.package;
    const schema::SnapshotView view(scene.snapshot);
    CAPTURE(row.path, schema::verdict_word(row.verdict), schema::file_state_word(row.state));
    CHECK(HostFacts(view, {}).process(process).genuine == row.genuine);
  }
}

TEST_CASE("vouched: a package vouches for all the code that is known to run") {
  RuleScene scene;
  const auto vouched = [&](schema::ProcessIndex process) {
    const schema::SnapshotView view(scene.snapshot);
    return HostFacts(view, {}).process(process).vouched;
  };
  CHECK(vouched(scene.run("/usr/sbin/nginx")) == true);
  CHECK(vouched(scene.run_unowned("/opt/x")) == false);
  CHECK(vouched(scene.run("/usr/bin/socat")) == false);
  CHECK(vouched(scene.run("/usr/bin/bash", {"bash"})) == false);
  CHECK(vouched(scene.run("/usr/bin/python3", {"python3", "-c", "x"})) == false);
  const auto module = scene.run("/usr/bin/python3", {"python3", "-m", "x"});
  scene.at(module).script = "-m x";
  CHECK(vouched(module) == std::nullopt);
  CHECK(vouched(scene.run("/usr/bin/ruby", {"puma 5 (tcp://x)"})) == std::nullopt);
  const auto script = scene.run("/usr/bin/python3", {"python3", "/x"});
  scene.give_script(script, "/x");
  CHECK(vouched(script) == false);
  scene.give_script(script, "/usr/bin/x", true);
  CHECK(vouched(script) == true);
  scene.at(script).script_file.reset();
  CHECK(vouched(script) == false);
}

TEST_CASE("a parent did not start after its child, and chains end") {
  RuleScene scene;
  const auto parent = scene.run("/usr/bin/a");
  const auto child = scene.run(parent, "/usr/bin/b");
  {
    const schema::SnapshotView view(scene.snapshot);
    const HostFacts facts(view, {});
    CHECK(facts.ancestors(child) == std::vector{parent, schema::ProcessIndex(0)});
  }
  scene.at(parent).start = schema::BootTime{scene.at(child).start.nanoseconds + 1};
  {
    const schema::SnapshotView view(scene.snapshot);
    CHECK(HostFacts(view, {}).ancestors(child).empty());
  }
  // A file that was tampered with may run in a circle.
  scene.at(parent).start = scene.at(child).start;
  scene.at(parent).parent = scene.at(child).pid;
  const schema::SnapshotView view(scene.snapshot);
  CHECK(HostFacts(view, {}).ancestors(child).size() == 64);
}

}  // namespace sockwitness
