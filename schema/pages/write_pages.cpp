#include "schema/pages/write_pages.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/pages/completion.h"

namespace sockwitness::schema {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, const std::string& text) {
  std::error_code failure;
  fs::create_directories(path.parent_path(), failure);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (failure || !file) {
    throw Error(ExitCode::Unusable,
                fmt::format("writing '{}': it cannot be written", path.native()),
                "name a folder that can be written to");
  }
}

class Pages {
 public:
  Pages(const ManualHead& head, fs::path written, fs::path target)
      : head_(head), written_(std::move(written)), target_(std::move(target)) {}

  void write(const CommandPath& path) {
    const std::string name = page_name(path);
    made_.insert(name);
    write_text(target_ / "man" / fmt::format("{}.{}", name, head_.section),
               manual_page(path, head_, read_text(written_ / (name + ".roff"))));
    for (const CommandText& command : path.back()->commands) {
      CommandPath below = path;
      below.push_back(&command);
      write(below);
    }
  }

  void require_all_used() const {
    for (const auto& entry : fs::directory_iterator(written_)) {
      const fs::path& path = entry.path();
      if (path.extension() == ".roff" && !made_.contains(path.stem().native())) {
        throw Error(ExitCode::Unusable,
                    fmt::format("reading '{}': there is no such page", path.native()),
                    "name it after a command");
      }
    }
  }

 private:
  const ManualHead& head_;
  fs::path written_;
  fs::path target_;
  std::set<std::string> made_;
};

}  // namespace

void write_pages(const CommandText& program,
                 const ManualHead& head,
                 const std::string& written,
                 const std::string& target) {
  Pages pages(head, written, target);
  pages.write({&program});
  pages.require_all_used();
  const fs::path folder = target;
  write_text(folder / "bash" / program.name, bash_completion(program));
  write_text(folder / "zsh" / ("_" + program.name), zsh_completion(program));
  write_text(folder / "fish" / (program.name + ".fish"), fish_completion(program));
}

int make_pages(std::span<char*> words, const CommandText& program, ManualHead head) {
  if (words.size() != 4) {
    return 2;
  }
  head.section = words[1];
  try {
    write_pages(program, head, words[2], words[3]);
    return 0;
  } catch (const Error& failure) {
    std::fputs(error_text("make_pages", failure).c_str(), stderr);
    return 3;
  }
}

}  // namespace sockwitness::schema
