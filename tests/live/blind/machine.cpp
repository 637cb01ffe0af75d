#include "tests/live/blind/machine.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include <openssl/evp.h>

#include "tests/live/blind/failing_calls.h"

namespace sockwitness::test {
namespace {

namespace fs = std::filesystem;

// Where packages install, and where nobody does.
constexpr const char* kDatabase = "/usr/sbin/postgres";
constexpr const char* kLogin = "/usr/sbin/sshd";
constexpr const char* kPython = "/usr/bin/python3.11";
constexpr const char* kShell = "/usr/bin/bash";
constexpr const char* kTool = "/srv/own/tool";
constexpr const char* kLost = "/srv/own/lost";

void require(bool done, const std::string& what) {
  if (!done) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
  }
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& content) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

void mount_empty(const char* place) {
  require(::mount("none", place, "tmpfs", 0, "mode=755") == 0, std::string("mounting ") + place);
}

// A folder of the machine with room for files of ours.
void mount_over(const std::string& place) {
  const std::string upper = "/srv/.upper" + place;
  const std::string work = "/srv/.work" + place;
  fs::create_directories(upper);
  fs::create_directories(work);
  const std::string options = "lowerdir=" + place + ",upperdir=" + upper + ",workdir=" + work;
  require(::mount("overlay", place.c_str(), "overlay", 0, options.c_str()) == 0,
          "mounting over " + place);
}

void bring_up_loopback() {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  require(::ioctl(socket, SIOCSIFFLAGS, &request) == 0, "bringing up lo");
  ::close(socket);
}

std::string md5_of(const std::string& path) {
  const std::string content = content_of(path);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_md5(), nullptr);
  std::string text;
  for (unsigned at = 0; at < size; ++at) {
    std::array<char, 3> hex{};
    std::snprintf(hex.data(), hex.size(), "%02x", digest[at]);
    text += hex.data();
  }
  return text;
}

// Code that this program maps, as the package database names it.
std::set<std::string> mapped_files() {
  std::set<std::string> files;
  std::istringstream lines(content_of("/proc/self/maps"));
  for (std::string line; std::getline(lines, line);) {
    const auto path = line.find('/');
    if (path != std::string::npos && line.find("r-xp") != std::string::npos &&
        line.find("/blind") == std::string::npos) {
      files.insert(line.substr(path));
    }
  }
  return files;
}

void write_package(const std::string& name, const std::set<std::string>& files) {
  std::string list = "/.\n";
  std::string sums;
  for (const std::string& file : files) {
    list += file + "\n";
    sums += md5_of(file) + "  " + file.substr(1) + "\n";
  }
  write_file("/var/lib/dpkg/info/" + name + ".list", list);
  write_file("/var/lib/dpkg/info/" + name + ".md5sums", sums);
}

// A packaged daemon, a packaged interpreter, the libraries of both; a script and a tool of nobody.
void install_programs() {
  const std::string resident = fs::read_symlink("/proc/self/exe").parent_path() / "blind_resident";
  for (const char* place : {kDatabase, kLogin, kPython, kShell, kTool, kLost}) {
    fs::create_directories(fs::path(place).parent_path());
    fs::remove(place);
    fs::copy_file(resident, place);
    std::ofstream(place, std::ios::binary | std::ios::app) << place;  // no two are copies of one
  }
  write_file("/srv/app/shop.py", "print('shop')\n");
  write_file("/srv/app/depot.py", "print('depot')\n");
  write_package("postgres", {kDatabase});
  write_package("ssh", {kLogin});
  write_package("python3", {kPython, "/srv/app/shop.py"});
  write_package("bash", {kShell});
  write_package("libraries", mapped_files());
  std::string status;
  for (const char* name : {"postgres", "ssh", "python3", "bash", "libraries"}) {
    status += std::string("Package: ") + name +
              "\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0\n\n";
  }
  write_file("/var/lib/dpkg/status", status);
  write_file("/var/lib/dpkg/diversions", "/srv/x\n/srv/x.distrib\nsomebody\n");
  // Facts that are younger than two seconds are not taken from the snapshot before.
  for (const char* path :
       {"/var/lib/dpkg/status", "/var/lib/dpkg/info", "/var/lib/dpkg/diversions"}) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(24));
  }
}

struct Part {
  const char* role;
  const char* program;
  std::vector<const char*> arguments;
  int flags = 0;  // namespaces of its own
};

const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      {"database", kDatabase, {"postgres", "-D", "/srv/data"}},
      {"shop", kPython, {"python3", "/srv/app/shop.py"}},
      {"depot", kPython, {"python3", "/srv/app/depot.py"}},
      {"tool", kTool, {"tool", "--serve"}},
      {"lost", kLost, {"lost"}},
      {"login", kLogin, {"sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"}},
      {"blue", kDatabase, {"postgres", "-c", "blue"}, CLONE_NEWNET},
      {"box", kDatabase, {"postgres", "-c", "box"}, CLONE_NEWNET | CLONE_NEWPID},
  };
  return all;
}

int start(const Part& part) {
  std::array<int, 2> ready{};
  require(::pipe2(ready.data(), O_CLOEXEC) == 0, "making a pipe");
  const pid_t child = ::fork();
  require(child >= 0, "starting a resident");
  if (child == 0) {
    if (part.flags != 0) {
      require(::unshare(part.flags) == 0, "making namespaces");
      if ((part.flags & CLONE_NEWNET) != 0) {
        bring_up_loopback();
      }
      if ((part.flags & CLONE_NEWPID) != 0) {
        const pid_t inner = ::fork();
        if (inner != 0) {
          ::close(ready[1]);
          ::waitpid(inner, nullptr, 0);
          ::_exit(0);
        }
      }
    }
    if (std::strcmp(part.role, "blue") == 0) {
      write_file("/run/netns/blue", "");
      require(::mount("/proc/self/ns/net", "/run/netns/blue", nullptr, MS_BIND, nullptr) == 0,
              "naming");
    }
    ::dup2(ready[1], 3);  // loses close-on-exec
    std::vector<char*> arguments;
    for (const char* each : part.arguments) {
      arguments.push_back(const_cast<char*>(each));
    }
    arguments.push_back(nullptr);
    const std::string role = std::string("SOCKWITNESS_PART=") + part.role;
    std::array<char*, 2> environment = {const_cast<char*>(role.c_str()), nullptr};
    ::execve(part.program, arguments.data(), environment.data());
    ::_exit(127);
  }
  ::close(ready[1]);
  // The numbers of the processes that stand, in words; the end of the pipe says that all do.
  char byte = 0;
  bool stands = false;
  while (::read(ready[0], &byte, 1) == 1) {
    stands = true;
  }
  ::close(ready[0]);
  if (!stands) {
    throw std::runtime_error(std::string("a resident did not come up: ") + part.role);
  }
  return child;
}

std::string first_child_of(int pid) {
  const std::string number = std::to_string(pid);
  std::istringstream children(content_of("/proc/" + number + "/task/" + number + "/children"));
  std::string child;
  children >> child;
  return child;
}

// What this kernel or this container cannot show of them.
void tell_stories(const Machine& machine) {
  for (const Resident& resident : machine.residents) {
    const std::string folder = "/proc/" + std::to_string(resident.pid) + "/";
    std::string cgroup = "0::/system.slice/" + resident.role + ".service\n";
    if (resident.role == "tool" || resident.role == "lost") {
      cgroup = "0::/user.slice/user-1000.slice/session-4.scope\n";
      say_content(folder + "loginuid", "1000");
    }
    if (resident.role == "box") {
      cgroup = "0::/system.slice/docker-" + std::string(64, 'a') + ".scope\n";
    }
    say_content(folder + "cgroup", cgroup);
  }
  say_content("/proc/1/cgroup", "0::/init.scope\n");
}

Machine furnish() {
  require(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "detaching mounts");
  require(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0,
          "mounting /proc");
  for (const char* place : {"/run", "/srv", "/var/lib/dpkg", "/dev/shm"}) {
    mount_empty(place);
  }
  mount_over("/usr/sbin");
  mount_over("/usr/bin");
  fs::create_directories("/run/netns");
  bring_up_loopback();
  require(::sethostname("witnessed", 9) == 0, "naming the host");
  install_programs();
  Machine machine;
  for (const Part& part : parts()) {
    int pid = start(part);
    if ((part.flags & CLONE_NEWPID) != 0) {
      machine.residents.push_back({std::string(part.role) + "-starter", pid});
      pid = std::stoi(first_child_of(pid));
    }
    machine.residents.push_back({part.role, pid});
    if (const std::string child = first_child_of(pid); !child.empty()) {
      machine.residents.push_back({std::string(part.role) + "-child", std::stoi(child)});
    }
  }
  fs::remove(kLost);
  tell_stories(machine);
  machine.database_folder = "/dev/shm/witness";
  fs::create_directories(machine.database_folder);
  return machine;
}

int status_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Process 1 has no work of its own: whoever works may be looked at like any other.
int be_first(const std::function<int(const Machine&)>& work) {
  const pid_t worker = ::fork();
  if (worker == 0) {
    int code = 1;
    try {
      code = work(furnish());
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "machine: %s\n", failure.what());
    }
    std::fflush(nullptr);
    ::_exit(code);
  }
  while (true) {
    int status = 0;
    const pid_t ended = ::wait(&status);
    if (ended == worker) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
  }
}

constexpr int kNamespaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;

}  // namespace

std::string why_no_machine() {
  if (::geteuid() != 0) {
    return "needs root";
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(::unshare(kNamespaces) == 0 ? 0 : 1);
  }
  return status_of(child) == 0 ? "" : "no namespaces can be made here";
}

int start_machine(const std::function<int(const Machine&)>& work) {
  const pid_t outside = ::fork();
  if (outside == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::unshare(kNamespaces) != 0) {
      ::_exit(1);
    }
    const pid_t first = ::fork();
    if (first == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::_exit(be_first(work));
    }
    ::_exit(status_of(first));
  }
  return outside;
}

}  // namespace sockwitness::test
