#include "tests/unit/recorder/proc/fake_host.h"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <stdexcept>

namespace sockwitness::recorder {
namespace {

namespace fs = std::filesystem;

const std::string kStatus =
    "Name:\tdaemon\nTracerPid:\t0\nUid:\t33\t34\t35\t36\nGid:\t43\t44\t45\t46\n"
    "CapEff:\t0000000000000400\n";

}  // namespace

FakeHost::FakeHost() {
  std::string pattern = (fs::temp_directory_path() / "sockwitness-proc-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no temporary folder");
  }
  folder_ = pattern;
  write("root/bin/daemon", "program of the fake host");
  write("root/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
  write("root/etc/group", "root:x:0:\n");
  link("proc/self", "50");
  write("proc/50/mountinfo", "22 1 0:21 / /proc rw - proc proc rw\n");
  link("proc/50/ns/mnt", "mnt:[1001]");
  link("proc/50/ns/net", "net:[1000]");
  link("proc/50/ns/pid", "pid:[4026531836]");
  auto roots = open_roots(proc().c_str(), root().c_str());
  if (!roots) {
    throw std::runtime_error("no fake roots");
  }
  roots_ = std::move(roots.value());
}

FakeHost::~FakeHost() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

FakeProcess FakeHost::ordinary() const {
  FakeProcess process;
  process.links = {{"exe", root() + "/bin/daemon"},
                   {"cwd", "/srv"},
                   {"root", root()},
                   {"ns/net", "net:[1000]"},
                   {"ns/mnt", "mnt:[1001]"},
                   {"ns/pid", "pid:[1002]"},
                   {"ns/user", "user:[1003]"},
                   {"fd/0", "/dev/null"},
                   {"fd/3", "socket:[777]"},
                   {"fd/4", "pipe:[888]"},
                   {"fd/5", "net:[999]"},
                   {"fd/6", "anon_inode:[eventpoll]"}};
  process.files = {{"status", kStatus},
                   {"cmdline", std::string("daemon\0-x\0", 10)},
                   {"cgroup", "0::/system.slice/daemon.service\n"},
                   {"loginuid", "1000"},
                   {"environ", std::string("SECRET=1\0LD_PRELOAD=/x.so\0", 26)},
                   {"maps", "00400000-00401000 r--p 00000000 00:00 0 \n"}};
  return process;
}

std::string FakeHost::stat_line(int pid, const FakeProcess& process) {
  return std::to_string(pid) + " (" + process.name + ") " + process.state + " 1 7 8 34816 -1 " +
         std::to_string(process.flags) + " 0 0 0 0 0 0 0 0 20 0 " +
         std::to_string(process.threads) + " 0 " + std::to_string(process.ticks) + " 0 0\n";
}

void FakeHost::add(int pid, const FakeProcess& process) {
  const std::string folder = "proc/" + std::to_string(pid) + "/";
  fs::create_directories(folder_ / folder / "fd");
  write(folder + "stat", stat_line(pid, process));
  for (const auto& [name, content] : process.files) {
    write(folder + name, content);
  }
  for (const auto& [name, target] : process.links) {
    link(folder + name, target);
  }
}

void FakeHost::write(const std::string& path, const std::string& content) {
  fs::create_directories((folder_ / path).parent_path());
  std::ofstream file(folder_ / path, std::ios::binary | std::ios::trunc);
  file << content;
}

void FakeHost::link(const std::string& path, const std::string& target) {
  fs::create_directories((folder_ / path).parent_path());
  fs::remove(folder_ / path);
  fs::create_symlink(target, folder_ / path);
}

std::vector<schema::Gap> FakeInspector::inspect(
    schema::Program& program,
    Inspection inspection,
    const std::function<Result<UniqueFd>()>& open_content,
    int /*root*/,
    Whereabouts* /*where*/) {
  asked.emplace_back(program.path, inspection);
  const auto found = verdicts.find(program.path);
  program.verdict = found == verdicts.end() ? schema::PackageVerdict::Matches : found->second;
  if (const auto content = open_content()) {
    std::array<char, 16> head{};
    const ssize_t got = ::read(content.value().get(), head.data(), head.size());
    contents[program.path] = std::string(head.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  if (on_inspect) {
    on_inspect(program);
  }
  return {};
}

}  // namespace sockwitness::recorder
