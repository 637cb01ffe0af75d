#include "recorder/proc/script.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/view/runtime.h"

using sockwitness::recorder::find_script;
using sockwitness::recorder::plain_path;
using sockwitness::schema::find_runtime;

namespace {

struct Sample {
  std::string program;
  std::vector<std::string> arguments;
  std::string script;
};

std::string command_line(const std::vector<std::string>& arguments) {
  std::string text;
  for (const auto& argument : arguments) {
    text += argument;
    text.push_back('\0');
  }
  return text;
}

// Where nobody says otherwise: the plain place, or the words that lie nowhere.
std::string script_of(const std::string& program,
                      const std::string& line,
                      const std::string& working_directory) {
  const auto name = find_script(program, line, working_directory);
  return name.place.empty() ? name.said : plain_path(name.place);
}

void check(const std::vector<Sample>& samples) {
  for (const auto& sample : samples) {
    INFO(sample.program << ": " << Catch::Detail::stringify(sample.arguments));
    CHECK(script_of(sample.program, command_line(sample.arguments), "/srv") == sample.script);
  }
}

}  // namespace

TEST_CASE("script: python") {
  const std::string python = "/usr/bin/python3.11";
  check(
      {{python, {"python3", "/opt/app.py"}, "/opt/app.py"},
       {python, {"python3", "app.py", "-c", "x"}, "/srv/app.py"},
       {python, {"python3", "./app.py"}, "/srv/app.py"},
       {python, {"python3", "../app.py"}, "/app.py"},
       {python, {"python3", "/opt/ok/../../x.py"}, "/x.py"},
       {python, {"python3", "/proc/self/cwd/x.py"}, "/srv/x.py"},
       {python, {"python3", "a//b/./c.py"}, "/srv/a/b/c.py"},
       {python, {"/usr/bin/python3", "/usr/bin/gunicorn", "-w", "4", "app:x"}, "/usr/bin/gunicorn"},
       {python, {"python3", "-u", "-W", "ignore", "-X", "dev", "/a.py"}, "/a.py"},
       {python, {"python3", "-Wignore", "-Xdev", "/a.py"}, "/a.py"},
       {python, {"python3", "-m", "http.server", "80"}, "-m http.server"},
       {python, {"python3", "-Im", "uvicorn"}, "-m uvicorn"},
       {python, {"python3", "-mhttp.server"}, "-m http.server"},
       {python, {"python3", "--check-hash-based-pycs", "always", "/a.py"}, "/a.py"},
       {python, {"python3", "-c", "import socket"}, ""},
       {python, {"python3", "-uc", "import socket", "/a.py"}, ""},
       {python, {"python3", "-"}, ""},
       {python, {"python3"}, ""},
       {python, {"python3", "-m"}, ""},
       {python, {"python3", "--", "/a.py"}, "/a.py"},
       // argv[0] is the process's own choice.
       {python, {"sshd: root", "/a.py"}, "/a.py"},
       {"/usr/sbin/sshd", {"python3", "/a.py"}, ""},
       {"/opt/venv/bin/python", {"python", "/a.py"}, "/a.py"}});
}

TEST_CASE("script: shells") {
  check({{"/usr/bin/dash", {"/bin/sh", "/etc/init.d/x", "start"}, "/etc/init.d/x"},
         {"/usr/bin/bash", {"-bash"}, ""},
         {"/usr/bin/bash", {"bash", "-c", "/a.sh"}, ""},
         {"/usr/bin/bash", {"bash", "-xec", "/a.sh"}, ""},
         {"/usr/bin/bash", {"bash", "-s", "/a.sh"}, ""},
         {"/usr/bin/bash", {"bash", "-eo", "pipefail", "/a.sh"}, "/a.sh"},
         {"/usr/bin/bash", {"bash", "+x", "-O", "extglob", "/a.sh"}, "/a.sh"},
         {"/usr/bin/bash", {"bash", "--norc", "--rcfile", "/rc", "/a.sh"}, "/a.sh"},
         {"/usr/bin/bash", {"bash", "--", "-odd"}, "/srv/-odd"},
         {"/usr/bin/bash", {"bash", "/dev/fd/63"}, "/dev/fd/63"},
         {"/usr/bin/zsh", {"zsh", "-f", "/a.zsh"}, "/a.zsh"},
         {"/bin/ksh93", {"ksh", "/a.ksh"}, "/a.ksh"},
         {"/bin/busybox", {"sh", "/a.sh"}, "/a.sh"},
         {"/bin/busybox", {"/bin/ash", "-c", "x"}, ""},
         {"/bin/busybox", {"busybox", "sh", "/a.sh"}, "/a.sh"},
         {"/bin/busybox", {"busybox"}, ""},
         {"/bin/busybox", {"httpd", "-f"}, ""}});
}

TEST_CASE("script: perl, ruby, php, lua, tcl, R") {
  check({{"/usr/bin/perl", {"perl", "-w", "-T", "/a.pl"}, "/a.pl"},
         {"/usr/bin/perl", {"perl", "-I", "/lib", "-Mstrict", "/a.pl"}, "/a.pl"},
         {"/usr/bin/perl", {"perl", "-lne", "print"}, ""},
         {"/usr/bin/perl", {"perl", "-d:Trace", "/a.pl"}, "/a.pl"},
         {"/usr/bin/perl", {"perl", "-MIO::Socket", "-e", "x"}, ""},
         {"/usr/bin/perl5.36.0", {"perl", "/a.pl"}, "/a.pl"},
         {"/usr/bin/ruby3.1", {"ruby", "-rsocket", "-I", "lib", "/a.rb"}, "/a.rb"},
         {"/usr/bin/ruby3.1", {"ruby", "-rsocket", "-e", "x"}, ""},
         {"/usr/bin/ruby3.1", {"ruby", "-W0", "--enable", "frozen", "/a.rb"}, "/a.rb"},
         {"/usr/bin/php8.2", {"php", "-f", "/a.php"}, "/a.php"},
         {"/usr/bin/php8.2", {"php", "-d", "x=1", "-c", "/ini", "/a.php"}, "/a.php"},
         {"/usr/bin/php8.2", {"php", "-S", "0:80", "-t", "www", "router.php"}, "/srv/router.php"},
         {"/usr/bin/php8.2", {"php", "-S", "0:80"}, ""},
         {"/usr/bin/php8.2", {"php", "-r", "x", "/a.php"}, ""},
         {"/usr/sbin/php-fpm8.2", {"php-fpm: pool www", "/a.php"}, ""},
         {"/usr/bin/lua5.4", {"lua", "-e", "x=1", "-lsocket", "/a.lua"}, "/a.lua"},
         {"/usr/bin/lua5.4", {"lua", "-e", "x=1"}, ""},
         {"/usr/bin/tclsh8.6", {"tclsh", "-encoding", "utf-8", "/a.tcl"}, "/a.tcl"},
         {"/usr/bin/wish8.6", {"wish", "/a.tcl", "-x"}, "/a.tcl"},
         {"/usr/lib/R/bin/exec/R",
          {"R", "--no-echo", "--no-restore", "--file=a.R", "--args", "--file=b"},
          "/srv/a.R"},
         {"/usr/lib/R/bin/exec/R", {"R", "--no-echo", "-e", "x"}, ""},
         {"/usr/lib/R/bin/exec/R", {"R", "-f", "/a.R"}, "/a.R"},
         {"/usr/bin/Rscript", {"Rscript", "--vanilla", "/a.R"}, "/a.R"}});
}

TEST_CASE("script: node and java") {
  const std::string java = "/usr/lib/jvm/java-17/bin/java";
  check({{"/usr/bin/node", {"node", "--inspect", "-r", "dotenv", "/a.js"}, "/a.js"},
         {"/usr/bin/node", {"node", "--max-old-space-size=4", "server.js"}, "/srv/server.js"},
         {"/usr/bin/node", {"node", "-e", "x"}, ""},
         {"/usr/bin/node", {"node", "-pe", "x"}, ""},
         {"/usr/bin/node", {"node", "--eval=x", "/a.js"}, ""},
         {"/usr/bin/node", {"node", "--import", "tsx", "/a.ts"}, "/a.ts"},
         {"/usr/bin/node", {"node", "inspect", "/a.js"}, "/a.js"},
         {"/usr/bin/nodejs", {"npm start"}, ""},
         {"/usr/bin/node_exporter", {"node_exporter", "/a.js"}, ""},
         {"/usr/bin/node-problem-detector", {"x", "/a.js"}, ""},
         {java, {"java", "-Xmx1g", "-jar", "/opt/app.jar", "x"}, "/opt/app.jar"},
         {java, {"java", "-cp", "/a:/b", "-Dx=1", "org.example.Main", "x"}, "org.example.Main"},
         {java, {"java", "-classpath", "/a", "Main"}, "Main"},
         {java, {"java", "--module-path", "/m", "-m", "mod/org.Main"}, "mod/org.Main"},
         {java, {"java", "@options", "Main"}, "Main"},
         {java, {"java", "Hello.java"}, "/srv/Hello.java"},
         {java, {"java", "-version"}, ""}});
}

TEST_CASE("script: nothing to go by") {
  CHECK(find_script("", "sh\0/a\0", "/").said.empty());
  CHECK(find_script("/bin/sh", "", "/").said.empty());
  CHECK(find_script("/bin/", "sh", "/").said.empty());
  CHECK(find_script("/usr/bin/bash", command_line({"bash", ""}), "/").said.empty());
  // Without a working directory a relative path stays one, and no file is looked for.
  CHECK(script_of("/usr/bin/bash", command_line({"bash", "./a.sh"}), "") == "a.sh");
}

// "cd /srv/e && exec python3 opt/shop/app.py", which then went to "/" as daemons do, passed for
// the /opt/shop/app.py that a policy allows.
TEST_CASE("script: a daemon in the root directory was started elsewhere") {
  for (const std::string said : {"opt/shop/app.py", "../app.py", "app.py"}) {
    const auto name = find_script("/usr/bin/python3", command_line({"python3", said}), "/");
    CHECK(name.said == said);
    CHECK(name.place.empty());
  }
}

TEST_CASE("script: what was said stays known beside where it lies") {
  const auto name =
      find_script("/usr/bin/python3", command_line({"python3", "..//a/./x.py"}), "/usr/lib");
  CHECK(name.said == "../a/x.py");
  CHECK(name.place == "/usr/lib/../a/x.py");
  CHECK(name.relative);
  CHECK(plain_path(name.place) == "/usr/a/x.py");
  CHECK(plain_path("/../../x") == "/x");
}

TEST_CASE("interpreter: names and versions") {
  for (const std::string name : {"python",
                                 "python3",
                                 "python3.11-dbg",
                                 "pypy3",
                                 "sh",
                                 "perl5.36.0",
                                 "luajit-2.1.0-beta3",
                                 "tclsh8.6",
                                 "zsh5",
                                 "bash-static",
                                 "php-fpm8.2",
                                 "java"}) {
    INFO(name);
    CHECK(find_runtime(name) != nullptr);
  }
  for (const std::string name :
       {"", "pythonw", "shutdown", "bashful", "node-red", "javac", "Rust", "lua-x"}) {
    INFO(name);
    CHECK(find_runtime(name) == nullptr);
  }
}
