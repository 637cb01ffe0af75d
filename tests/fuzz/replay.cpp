// The stand-in for libFuzzer in ordinary builds: feeds every file of a corpus to the target once.
//
// In:    corpus folders, and single files, on the command line.
// Out:   exit 0 and a count; a crash or a sanitizer report is the failure.
// Never: passes without having fed at least one input.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool feed(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> content{std::istreambuf_iterator<char>(file),
                                  std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    std::fprintf(stderr, "fuzz replay: reading '%s' failed\n", path.c_str());
    return false;
  }
  // A heap block of exactly this size, so that a sanitizer sees a read past its end.
  const std::vector<std::uint8_t> input(content.begin(), content.end());
  LLVMFuzzerTestOneInput(input.data(), input.size());
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t fed = 0;
  for (int index = 1; index < count; ++index) {
    const std::filesystem::path path = arguments[index];
    if (std::filesystem::is_directory(path)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) {
          if (!feed(entry.path())) {
            return 1;
          }
          ++fed;
        }
      }
    } else if (feed(path)) {
      ++fed;
    } else {
      return 1;
    }
  }
  std::printf("fuzz replay: %zu inputs\n", fed);
  return fed > 0 ? 0 : 1;
}
