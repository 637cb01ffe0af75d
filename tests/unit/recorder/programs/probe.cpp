// Asks the inspector about every path on standard input, for comparison with other tools.
//
// In:    one absolute path a line.
// Out:   a line for each: path, verdict, package, version, SHA-256; separated by tabs.
// Never: judges below another root than "/".
#include <array>
#include <cstdio>
#include <iostream>
#include <string>

#include "recorder/programs/file_inspector.h"
#include "tests/unit/recorder/programs/fake_root.h"

using namespace sockwitness;
using namespace sockwitness::recorder;

int main() {
  const auto root = open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  if (!root) {
    return 1;
  }
  FileInspector inspector{{}};
  std::string path;
  while (std::getline(std::cin, path)) {
    auto program = describe(path, path);
    const auto gaps = inspector.inspect(
        program,
        Inspection::Content,
        [&] { return open_at(AT_FDCWD, path.c_str(), O_RDONLY); },
        root.value().get());
    std::string digest;
    for (const char byte : program.sha256) {
      std::array<char, 3> text{};
      std::snprintf(text.data(), text.size(), "%02x", static_cast<unsigned>(byte) & 255U);
      digest += text.data();
    }
    std::cout << path << '\t' << schema::verdict_word(program.verdict) << '\t' << program.package
              << '\t' << program.package_version << '\t' << digest << '\t' << gaps.size() << '\n';
  }
  return 0;
}
