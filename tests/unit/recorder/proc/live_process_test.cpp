// The process source over the real /proc, with children that do what hostile processes do.
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"
#include "tests/unit/recorder/proc/child.h"
#include "tests/unit/recorder/proc/live_reading.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
namespace fs = std::filesystem;

TEST_CASE("live: the test itself") {
  LiveReading host;
  const auto result = host.read(::getpid());
  REQUIRE(result);
  const auto& reading = result.value();
  CHECK(reading.gaps.empty());
  CHECK(reading.process.recorder);
  CHECK(reading.process.parent == schema::Pid(::getppid()));
  CHECK(reading.process.effective_uid == schema::Uid(::geteuid()));
  CHECK(reading.process.start.nanoseconds > 0);
  REQUIRE(reading.program);
  CHECK(reading.program->path == fs::read_symlink("/proc/self/exe"));
  CHECK(reading.program->state == schema::FileState::Present);
  CHECK(reading.process.working_directory == fs::current_path());
  const auto list = host.source.list_processes();
  CHECK(std::binary_search(list.pids.begin(), list.pids.end(), schema::Pid(::getpid())));
  CHECK(std::is_sorted(list.pids.begin(), list.pids.end()));
}

TEST_CASE("live: hostile names") {
  LiveReading host;
  for (const std::string name : {"a) S 1 (b", "new\nline", "\xff\xfe\xc3", "back\\slash", " "}) {
    const Child child([&] { return ::prctl(PR_SET_NAME, name.c_str(), 0, 0, 0) == 0; });
    REQUIRE(child.ready());
    const auto result = host.read(child.pid());
    REQUIRE(result);
    CHECK(result.value().process.name == name);
    CHECK(result.value().process.parent == schema::Pid(::getpid()));
  }
}

TEST_CASE("live: a descriptor that was passed over a socket") {
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct stat status {};
  REQUIRE(::fstat(listener, &status) == 0);
  const Child child([&] {
    ::close(listener);
    char byte = 0;
    struct iovec part = {&byte, 1};
    std::array<char, CMSG_SPACE(sizeof(int))> control{};
    struct msghdr message {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    struct msghdr out = message;
    struct cmsghdr* head = CMSG_FIRSTHDR(&out);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    const int sent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::memcpy(CMSG_DATA(head), &sent, sizeof sent);
    return ::sendmsg(pair[0], &out, 0) == 1 && ::recvmsg(pair[1], &message, MSG_DONTWAIT) == 1;
  });
  REQUIRE(child.ready());
  LiveReading host;
  const auto result = host.read(child.pid());
  REQUIRE(result);
  std::map<schema::Inode, int> holders;
  for (const auto& [fd, inode] : result.value().sockets) {
    ++holders[inode];
  }
  // One socket by two descriptors; and the closed one by none.
  CHECK(std::any_of(
      holders.begin(), holders.end(), [](const auto& entry) { return entry.second == 2; }));
  CHECK(holders.count(schema::Inode(status.st_ino)) == 0);
  ::close(listener);
  ::close(pair[0]);
  ::close(pair[1]);
}

namespace {

// A folder that is gone after the test, in the first of these places where one can be made.
class Folder {
 public:
  explicit Folder(const std::vector<std::string>& places) {
    for (const auto& place : places) {
      path_ = place + "/sockwitness-XXXXXX";
      if (::mkdtemp(path_.data()) != nullptr) {
        return;
      }
    }
    path_.clear();
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) {
      fs::remove_all(path_, ignored);
    }
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What the caller of the test left open: it came through exec, unlike anything that we open.
void close_inherited() {
  for (int fd = STDERR_FILENO + 1; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) == 0) {
      ::close(fd);
    }
  }
}

// Tells the test a pid from within a child.
class PidPipe {
 public:
  PidPipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
  PidPipe(const PidPipe&) = delete;
  PidPipe& operator=(const PidPipe&) = delete;
  ~PidPipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  [[nodiscard]] bool tell(pid_t pid) const {
    return pid > 0 && ::write(ends_[1], &pid, sizeof pid) == sizeof pid;
  }
  [[nodiscard]] pid_t hear() const {
    pid_t pid = -1;
    REQUIRE(::read(ends_[0], &pid, sizeof pid) == sizeof pid);
    return pid;
  }

 private:
  std::array<int, 2> ends_{};
};

// Not where everybody may create a fifo, and every process is searched for one: a checkout may lie
// there.
std::vector<std::string> quiet_places() {
  std::vector<std::string> places;
  const char* home = ::getenv("HOME");
  for (const std::string& place : {fs::current_path().string(),
                                   std::string(home == nullptr ? "/root" : home),
                                   std::string("/srv"),
                                   std::string("/var/lib")}) {
    const bool searched = place.starts_with("/dev/") || place.starts_with("/tmp/") ||
                          place.starts_with("/var/tmp/") || place.starts_with("/run/");
    if (!searched && place.starts_with("/")) {
      places.push_back(place);
    }
  }
  return places;
}

}  // namespace

// The relay `cat /opt/f | nc … | sh >/opt/f` is joined by a descriptor above 2.
TEST_CASE("live: of a process with few descriptors all are looked at") {
  const Folder folder(quiet_places());
  if (folder.path().empty()) {
    WARN("skipped: no place for a fifo but those where everybody may create one");
    return;
  }
  const std::string fifo = folder.path() + "/fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const auto sees = [&](int copies) {
    const Child child([&] {
      close_inherited();
      const int end = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
      bool done = end >= 0;
      for (int count = 0; count < copies; ++count) {
        done = ::fcntl(end, F_DUPFD_CLOEXEC, 0) >= 0 && done;
      }
      return done;
    });
    REQUIRE(child.ready());
    LiveReading host;
    const auto result = host.read(child.pid());
    REQUIRE(result);
    const auto& all = result.value().descriptors;
    return std::any_of(all.begin(), all.end(), [&](const schema::Descriptor& descriptor) {
      return descriptor.kind == schema::DescriptorKind::Fifo && descriptor.target == fifo;
    });
  };
  CHECK(sees(0));
  CHECK_FALSE(sees(20));
}

TEST_CASE("live: descriptors that join processes") {
  const Folder folder({fs::temp_directory_path().string()});
  const std::string fifo = folder.path() + "/fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(master >= 0);
  const int fifo_end = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  std::array<char, 64> slave{};
  REQUIRE(::ptsname_r(master, slave.data(), slave.size()) == 0);
  LiveReading host;
  const auto result = host.read(::getpid());
  REQUIRE(result);
  const auto find = [&](int fd) {
    const auto& all = result.value().descriptors;
    const auto found = std::find_if(all.begin(), all.end(), [fd](const auto& descriptor) {
      return descriptor.fd == schema::Fd(fd);
    });
    REQUIRE(found != all.end());
    return *found;
  };
  CHECK(find(master).kind == schema::DescriptorKind::PtyMaster);
  CHECK("/dev/pts/" + std::to_string(find(master).number) == slave.data());
  struct stat status {};
  REQUIRE(::fstat(fifo_end, &status) == 0);
  CHECK(find(fifo_end).kind == schema::DescriptorKind::Fifo);
  CHECK(find(fifo_end).target == fifo);
  CHECK(find(fifo_end).device == schema::Device(status.st_dev));
  CHECK(find(fifo_end).inode == schema::Inode(status.st_ino));
  CHECK(find(pipe[0]).kind == schema::DescriptorKind::Pipe);
  CHECK(find(pipe[0]).inode == find(pipe[1]).inode);
  for (const int fd : {master, fifo_end, pipe[0], pipe[1]}) {
    ::close(fd);
  }
}

TEST_CASE("live: sockets stay with a process whose first thread ended") {
  const PidPipe pipe;
  const Child child([&] {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::prctl(PR_SET_NAME, "headless", 0, 0, 0);
      pthread_t thread{};
      const auto wait = [](void*) -> void* {
        while (true) {
          ::pause();
        }
      };
      if (socket >= 0 && ::pthread_create(&thread, nullptr, wait, nullptr) == 0) {
        ::syscall(SYS_exit, 0);  // this thread alone
      }
      ::_exit(1);
    }
    ::close(socket);
    return pipe.tell(pid);
  });
  REQUIRE(child.ready());
  const pid_t headless = pipe.hear();
  const std::string path = "/proc/" + std::to_string(headless) + "/stat";
  std::string stat;
  for (int i = 0; i < 24'000 && stat.find(") Z ") == std::string::npos; ++i) {  // two minutes
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    REQUIRE(read_file_at(AT_FDCWD, path.c_str(), stat));
  }
  REQUIRE(stat.find(") Z ") != std::string::npos);
  LiveReading host;
  const auto result = host.read(headless);
  REQUIRE(result);
  const auto& found = result.value();
  CHECK(found.process.parent == schema::Pid(child.pid()));
  CHECK_FALSE(found.process.zombie);
  CHECK(found.sockets.size() == 1);
  CHECK(found.program);
  CHECK(found.gaps.empty());
}

TEST_CASE("live: a zombie has no gaps") {
  const PidPipe pipe;
  const Child child([&] {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::_exit(0);
    }
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) == 0 && pipe.tell(pid);
  });
  REQUIRE(child.ready());
  LiveReading host;
  const auto result = host.read(pipe.hear());
  REQUIRE(result);
  CHECK(result.value().process.parent == schema::Pid(child.pid()));
  CHECK(result.value().process.zombie);
  CHECK(result.value().gaps.empty());
}

TEST_CASE("live: without rights, refusals are gaps") {
  if (::geteuid() != 0) {
    WARN("skipped: needs root, to give it up");
    return;
  }
  const Child other([] { return true; });
  REQUIRE(other.ready());
  std::array<int, 2> answer{};
  REQUIRE(::pipe2(answer.data(), O_CLOEXEC) == 0);
  const Child nobody([&] {
    constexpr id_t kNobody = 65534;
    if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
        ::setresuid(kNobody, kNobody, kNobody) != 0) {
      return false;
    }
    LiveReading host;
    const auto result = host.read(other.pid());
    std::string words;
    if (result) {
      words = result.value().descriptors_readable ? "readable " : "";
      for (const auto& gap : result.value().gaps) {
        words += gap.object.text() + (gap.reason == schema::GapReason::Permission ? " " : "? ");
      }
    }
    return ::write(answer[1], words.data(), words.size()) == static_cast<ssize_t>(words.size());
  });
  REQUIRE(nobody.ready());
  std::array<char, 256> words{};
  const ssize_t got = ::read(answer[0], words.data(), words.size());
  CHECK(std::string(words.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))) ==
        "program working_directory namespaces descriptors environment mappings ");
  ::close(answer[0]);
  ::close(answer[1]);
}

// Of its own children only: others of the host may be stuck, and whoever reads their arguments with
// them.
TEST_CASE("live: several threads read at once") {
  std::vector<std::unique_ptr<Child>> children;
  std::vector<schema::Pid> pids{schema::Pid(::getpid())};
  for (int count = 0; count < 12; ++count) {
    children.push_back(std::make_unique<Child>([] { return true; }));
    REQUIRE(children.back()->ready());
    pids.emplace_back(children.back()->pid());
  }
  LiveReading host;
  host.inspector.on_inspect = nullptr;
  struct Quiet : ProgramInspector {
    std::vector<schema::Gap> inspect(schema::Program&,
                                     Inspection,
                                     const std::function<Result<UniqueFd>()>&,
                                     int,
                                     Whereabouts*) override {
      return {};
    }
  } quiet;
  ProcSource source(host.roots, quiet);
  std::atomic<std::size_t> read{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      std::atomic<ProcessStep> step{};
      for (const auto pid : pids) {
        read += source.read_process({pid, nullptr, false, 0}, step).ok() ? 1U : 0U;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  CHECK(read == 3 * pids.size());
}

// Its line is not asked for secrets again where it is the one that was kept; any other is.
TEST_CASE("live: a line that is known stays as it was kept, and a changed one is masked") {
  const UniqueFd shell(::open("/bin/sh", O_RDONLY | O_CLOEXEC));
  const Child child(shell.get(), {"sh", "-c", "kill -STOP $$", "--password=hunter2"});
  REQUIRE(child.ready());
  LiveReading live;
  ProcView view;
  view.mask = std::make_shared<const Mask>(default_mask_rules(), std::string(32, 'k'));
  const ProcSource masking(live.roots, live.inspector, view);
  const auto read = [&](const KnownProcess* known) {
    std::atomic<ProcessStep> step{};
    auto reading = masking.read_process({schema::Pid(child.pid()), known, false, 0}, step);
    REQUIRE(reading);
    return std::move(reading.value().process);
  };
  const schema::Process plain = live.read(child.pid()).value().process;
  REQUIRE(plain.command_line);
  REQUIRE(plain.command_line->find("hunter2") != std::string::npos);
  if (plain.exec_mark == 0) {
    WARN("this kernel does not show where a stack is: nothing is known to be the same exec");
    return;
  }
  const schema::Process masked = read(nullptr);
  CHECK(masked.masked);
  CHECK(masked.command_line->find("hunter2") == std::string::npos);

  KnownProcess known;
  known.start = plain.start;
  known.exec_mark = plain.exec_mark;
  known.command_line = plain.command_line;
  CHECK(read(&known).command_line == plain.command_line);
  CHECK_FALSE(read(&known).masked);

  known.command_line = masked.command_line;
  known.masked = true;
  CHECK(read(&known).command_line == masked.command_line);
  CHECK(read(&known).masked);

  // What it was is kept, and what it says now is its title, without the secret.
  known.command_line = std::string("sh\0-c\0other\0", 12);
  known.masked = false;
  const schema::Process titled = read(&known);
  CHECK(titled.command_line == known.command_line);
  CHECK(titled.title.find("kill -STOP") != std::string::npos);
  CHECK(titled.title.find("hunter2") == std::string::npos);

  // Another exec, or another process of that number: nothing of it is known.
  ++known.exec_mark;
  known.command_line = plain.command_line;
  CHECK(read(&known).masked);
  --known.exec_mark;
  known.start = schema::BootTime{known.start.nanoseconds + 1};
  CHECK(read(&known).masked);
}
