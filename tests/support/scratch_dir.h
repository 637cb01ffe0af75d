// A directory for one test, gone with the object.
//
// In:    nothing; memory-backed where the host has /dev/shm: tests wait for no disk.
// Out:   paths in it.
// Never: shared by two tests.
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::test {

class ScratchDir {
 public:
  ScratchDir();
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;
  ~ScratchDir();

  [[nodiscard]] std::string file(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

}  // namespace sockwitness::test
