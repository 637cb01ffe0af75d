// A directory tree that stands for a root file system with a dpkg database.
//
// In:    files by path and content.
// Out:   a root descriptor, and programs as /proc would describe them.
// Never: outlives its test; the tree is removed with it.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "recorder/os/dir.h"
#include "schema/model/program.h"

namespace sockwitness::recorder {

inline schema::Program describe(const std::string& file, const std::string& path) {
  constexpr std::int64_t kBillion = 1'000'000'000;
  struct stat status {};
  schema::Program program;
  program.path = path;
  if (::stat(file.c_str(), &status) == 0) {
    program.device = schema::Device(status.st_dev);
    program.inode = schema::Inode(status.st_ino);
    program.size = static_cast<std::uint64_t>(status.st_size);
    program.mtime_ns = status.st_mtim.tv_sec * kBillion + status.st_mtim.tv_nsec;
    program.ctime_ns = status.st_ctim.tv_sec * kBillion + status.st_ctim.tv_nsec;
  }
  return program;
}

class FakeRoot {
 public:
  FakeRoot() {
    std::string name = (std::filesystem::temp_directory_path() / "sockwitness-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;
  ~FakeRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string at(const std::string& path) const { return path_ + "/" + path; }

  void write(const std::string& path, std::string_view content) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::ofstream(at(path), std::ios::binary) << content;
  }
  void link(const std::string& path, const std::string& target) const {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    std::filesystem::create_symlink(target, at(path));
  }
  void package(const std::string& name, std::string_view list, std::string_view md5sums) const {
    write("var/lib/dpkg/info/" + name + ".list", list);
    if (!md5sums.empty()) {
      write("var/lib/dpkg/info/" + name + ".md5sums", md5sums);
    }
  }

  // Of the root directory.
  [[nodiscard]] UniqueFd open() const {
    auto opened = open_at(AT_FDCWD, path_.c_str(), O_PATH | O_DIRECTORY);
    return opened ? std::move(opened.value()) : UniqueFd();
  }
  // The file at `path` as a process in this root runs it.
  [[nodiscard]] schema::Program program(const std::string& path) const {
    return describe(at(path), "/" + path);
  }

 private:
  std::string path_;
};

}  // namespace sockwitness::recorder
