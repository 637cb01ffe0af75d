#include "recorder/os/dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

namespace recorder = sockwitness::recorder;

namespace {

// A folder that is gone after the test, and a descriptor of it.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "sockwitness-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    descriptor_.reset(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(descriptor_.valid());
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] int get() const { return descriptor_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  recorder::UniqueFd descriptor_;
};

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t at = 0; at < size; ++at) {
    text[at] = static_cast<char>(at * 31 % 251);
  }
  return text;
}

}  // namespace

TEST_CASE("list_numbers gives the decimal names only, however many") {
  const ScratchFolder folder;
  std::vector<std::int32_t> expected;
  for (std::int32_t number = 0; number < 3000; ++number) {  // more than one getdents64 buffer
    folder.write(std::to_string(number), "");
    expected.push_back(number);
  }
  for (const auto* name : {"self", "12a", "-3", "99999999999", "+1", " 7"}) {
    folder.write(name, "");
  }
  auto numbers = recorder::list_numbers(folder.get());
  REQUIRE(numbers.ok());
  std::sort(numbers.value().begin(), numbers.value().end());
  CHECK(numbers.value() == expected);
}

TEST_CASE("list_directory leaves out the two dots and keeps odd names") {
  const ScratchFolder folder;
  const std::string odd = "new\nline\xff";
  folder.write(odd, "");
  std::filesystem::create_directory(folder.path() / "sub");
  auto entries = recorder::list_directory(folder.get());
  REQUIRE(entries.ok());
  REQUIRE(entries.value().size() == 2);
  for (const auto& entry : entries.value()) {
    CHECK((entry.name == odd || entry.name == "sub"));
    CHECK(entry.type == (entry.name == "sub" ? DT_DIR : DT_REG));
  }
}

TEST_CASE("listing what is no directory is an error") {
  const recorder::UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(recorder::list_numbers(file.get()).error().number == ENOTDIR);
  CHECK(recorder::list_directory(-1).error().number == EBADF);
}

TEST_CASE("read_file_at reads whole files of any length") {
  const ScratchFolder folder;
  std::string content;
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 8192U, 300000U, 10U}) {
    folder.write("file", pattern(size));
    const auto read = recorder::read_file_at(folder.get(), "file", content);
    INFO("size " << size);
    REQUIRE(read.ok());
    CHECK(read.value() == size);
    CHECK(content == pattern(size));
  }
}

TEST_CASE("read_record_at reads whole files as well, and reuses its buffer") {
  const ScratchFolder folder;
  std::string buffer;
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 8192U, 300000U, 10U}) {
    folder.write("file", pattern(size));
    const auto read = recorder::read_record_at(folder.get(), "file", buffer);
    INFO("size " << size);
    REQUIRE(read.ok());
    CHECK(read.value() == pattern(size));
  }
  CHECK(recorder::read_record_at(folder.get(), "file", buffer, 9).error().number == EFBIG);
  CHECK(recorder::read_record_at(folder.get(), "none", buffer).error().number == ENOENT);
}

// What read_record_at relies on, asked of the kernel that runs the test.
TEST_CASE("a process's records come whole with the first read") {
  const recorder::UniqueFd self(::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::string buffer;
  for (const char* path : {"status", "cmdline", "cgroup", "loginuid"}) {
    std::string whole;
    if (!recorder::read_file_at(self.get(), path, whole)) {
      continue;  // a kernel without cgroups, or without audit
    }
    const auto record = recorder::read_record_at(self.get(), path, buffer);
    INFO(path);
    REQUIRE(record.ok());
    CHECK(record.value().size() == whole.size());
  }
}

TEST_CASE("read_file_at refuses what is longer than the limit") {
  const ScratchFolder folder;
  std::string content;
  folder.write("file", pattern(5000));
  CHECK(recorder::read_file_at(folder.get(), "file", content, 5000).ok());
  const auto read = recorder::read_file_at(folder.get(), "file", content, 4999);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().number == EFBIG);
  CHECK(read.error().object == "file");
}

TEST_CASE("a file that is not there is ENOENT with its name") {
  const ScratchFolder folder;
  std::string content;
  const auto read = recorder::read_file_at(folder.get(), "none", content);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().number == ENOENT);
  CHECK(read.error().operation == "opening");
  CHECK(read.error().object == "none");
  CHECK(recorder::stat_at(folder.get(), "none").error().number == ENOENT);
}

TEST_CASE("read_link_at gives targets whole, whatever their length") {
  const ScratchFolder folder;
  for (const std::size_t size : {1U, 255U, 256U, 257U, 3000U, 4095U}) {
    const std::string target(size, 'x');
    const std::string name = "link" + std::to_string(size);
    REQUIRE(::symlinkat(target.c_str(), folder.get(), name.c_str()) == 0);
    const auto read = recorder::read_link_at(folder.get(), name.c_str());
    REQUIRE(read.ok());
    CHECK(read.value() == target);
  }
  folder.write("file", "");
  CHECK(recorder::read_link_at(folder.get(), "file").error().number == EINVAL);
}

TEST_CASE("descriptors are opened with close-on-exec") {
  const ScratchFolder folder;
  folder.write("file", "x");
  const auto fd = recorder::open_at(folder.get(), "file", O_RDONLY);
  REQUIRE(fd.ok());
  CHECK((::fcntl(fd.value().get(), F_GETFD) & FD_CLOEXEC) != 0);
}
