#include "query/rules/rule_folder.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "query/policy/text_file.h"
#include "query/rules/builtin_rules.h"

namespace sockwitness::query {
namespace {

namespace files = std::filesystem;

schema::Error failed(const std::string& path, const std::error_code& reason) {
  return {schema::ExitCode::Usage, fmt::format("reading '{}': {}", path, reason.message())};
}

// Ascending. Links are followed; what is no file (a folder, a fifo without a writer) is none
// of ours.
std::vector<std::string> list_files(const std::string& folder, std::error_code& failure) {
  std::vector<std::string> names;
  for (files::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code ignored;
    if (entry->path().extension() == ".toml" &&
        files::is_regular_file(files::status(entry->path(), ignored))) {
      names.push_back(entry->path().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<RuleText> copy_builtin() {
  std::vector<RuleText> texts;
  for (const auto& [name, text] : builtin::kRules) {
    texts.push_back({fmt::format("builtin/{}", name), std::string(text)});
  }
  return texts;
}

}  // namespace

RuleFolder read_rule_folder(const std::string& path) {
  RuleFolder folder;
  std::error_code failure;
  const auto names = list_files(path, failure);
  if (failure == std::errc::no_such_file_or_directory) {
    folder.exists = false;
    return folder;
  }
  if (failure) {
    folder.problems.push_back(failed(path, failure));
  }
  for (const std::string& name : names) {
    try {
      if (auto text = read_text_file(name)) {
        folder.files.push_back({name, std::move(*text)});
      }
    } catch (const schema::Error& error) {
      folder.problems.push_back(error);
    }
  }
  return folder;
}

std::span<const RuleText> builtin_rules() {
  static const std::vector<RuleText> texts = copy_builtin();
  return texts;
}

}  // namespace sockwitness::query
