// Programs that hide, move, vanish or imitate, over the real /proc.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

#include <catch2/catch.hpp>

#include "recorder/os/dir.h"
#include "tests/unit/recorder/proc/child.h"
#include "tests/unit/recorder/proc/live_reading.h"

using namespace sockwitness;
using namespace sockwitness::recorder;
namespace fs = std::filesystem;

namespace {

// A private folder with a copy of a program that waits, where programs may run: /tmp may forbid it.
class Folder {
 public:
  Folder() {
    for (const auto& place :
         {fs::temp_directory_path(), fs::path("/var/tmp"), fs::current_path()}) {
      struct statvfs status {};
      std::string pattern = place / "sockwitness-live-XXXXXX";
      if (::statvfs(place.c_str(), &status) == 0 && (status.f_flag & ST_NOEXEC) == 0 &&
          ::mkdtemp(pattern.data()) != nullptr) {
        path = pattern;
        return;
      }
    }
    FAIL("no folder in which programs may run");
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string add_program(const std::string& name) const {
    fs::copy_file("/bin/sleep", path / name);
    return path / name;
  }

  fs::path path;
};

int open_program(const std::string& path) {
  return std::move(open_at(AT_FDCWD, path.c_str(), O_RDONLY).value()).release();
}

}  // namespace

TEST_CASE("live: a program in memory only") {
  const int memory = ::memfd_create("kworker/0:1", MFD_CLOEXEC);
  REQUIRE(memory >= 0);
  std::string content;
  REQUIRE(read_file_at(AT_FDCWD, "/bin/sleep", content));
  REQUIRE(::write(memory, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  const Child child(memory, {"[kworker/0:1]", "3600"});
  ::close(memory);
  REQUIRE(child.ready());
  LiveReading host;
  const auto result = host.read(child.pid());
  REQUIRE(result);
  REQUIRE(result.value().program);
  CHECK(result.value().program->state == schema::FileState::Memfd);
  CHECK(result.value().program->path == "/memfd:kworker/0:1");
  CHECK_FALSE(result.value().process.kernel_thread);
  CHECK(
      host.inspector.contents["/memfd:kworker/0:1"].starts_with("\x7f"
                                                                "ELF"));
}

TEST_CASE("live: how a program relates to its path") {
  Folder folder;
  LiveReading host;
  const std::string path = folder.add_program("daemon");
  const std::string odd = folder.add_program("daemon (deleted)");
  const int opened = open_program(path);
  const int opened_odd = open_program(odd);
  const Child child(opened, {"daemon", "3600"});
  const Child odd_child(opened_odd, {"daemon", "3600"});
  ::close(opened);
  ::close(opened_odd);
  REQUIRE(child.ready());
  REQUIRE(odd_child.ready());
  const auto state_of = [&host](pid_t pid) {
    const auto result = host.read(pid);
    REQUIRE(result);
    REQUIRE(result.value().program);
    return std::pair(result.value().program->path, result.value().program->state);
  };
  using schema::FileState;
  CHECK(state_of(child.pid()) == std::pair(path, FileState::Present));
  CHECK(state_of(odd_child.pid()) == std::pair(odd, FileState::Present));

  // Renamed: it is elsewhere, and still itself.
  fs::rename(path, path + "2");
  CHECK(state_of(child.pid()) == std::pair(path + "2", FileState::Present));
  fs::rename(path + "2", path);

  // Another hard link keeps the inode, but the path that was run is gone.
  fs::create_hard_link(path, path + "-kept");
  fs::remove(path);
  CHECK(state_of(child.pid()) == std::pair(path, FileState::Deleted));
  fs::remove(path + "-kept");
  CHECK(state_of(child.pid()) == std::pair(path, FileState::Deleted));

  (void)folder.add_program("daemon");
  CHECK(state_of(child.pid()) == std::pair(path, FileState::Replaced));

  fs::remove(odd);
  CHECK(state_of(odd_child.pid()) == std::pair(odd, FileState::Deleted));
}

TEST_CASE("live: a foreign library, deleted after it was loaded") {
  Folder folder;
  const std::string path = folder.path / "lib.so";
  fs::copy_file("/bin/sleep", path);
  const Child child([&] {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    ::close(file);
    return memory != MAP_FAILED && ::unlink(path.c_str()) == 0;
  });
  REQUIRE(child.ready());
  LiveReading host;
  const auto result = host.read(child.pid());
  REQUIRE(result);
  REQUIRE(result.value().foreign_mappings.size() == 1);
  CHECK(result.value().foreign_mappings[0].path == path);
  CHECK(result.value().foreign_mappings[0].state == schema::FileState::Deleted);
}
