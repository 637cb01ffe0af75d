#include "recorder/programs/root_aliases.h"

#include <dirent.h>
#include <fcntl.h>

#include <cerrno>

#include "recorder/os/dir.h"
#include "recorder/programs/rooted_open.h"

namespace sockwitness::recorder {
namespace {

// Of a root that somebody else filled, only so many links are followed.
constexpr std::size_t kMostLinks = 64;

}  // namespace

Result<RootAliases> RootAliases::read_from(int root) {
  RootAliases aliases;
  const auto directory = open_in_root(root, ".", O_RDONLY | O_DIRECTORY);
  if (!directory) {
    return directory.error();
  }
  const auto entries = list_directory(directory.value().get());
  if (!entries) {
    return entries.error();
  }
  for (const auto& entry : entries.value()) {
    if (entry.type != DT_LNK && entry.type != DT_UNKNOWN) {
      continue;
    }
    const auto target = read_link_at(directory.value().get(), entry.name.c_str());
    if (!target && (entry.type == DT_LNK || target.error().number != EINVAL)) {
      return target.error();
    }
    if (target && aliases.links_.size() < kMostLinks) {
      aliases.add(entry.name, target.value());
    }
  }
  return aliases;
}

void RootAliases::add(std::string name, std::string_view target) {
  while (target.starts_with('/') || target.starts_with("./")) {
    target.remove_prefix(target.starts_with('/') ? 1 : 2);
  }
  while (target.ends_with('/')) {
    target.remove_suffix(1);
  }
  if (target.empty() || target.find("..") != std::string_view::npos) {
    return;
  }
  links_.emplace_back(std::move(name), "/" + std::string(target));
}

std::string_view RootAliases::canonical(std::string_view path, std::string& buffer) const {
  if (path.starts_with('/')) {
    const auto first = path.substr(1, path.find('/', 1) - 1);
    for (const auto& [name, target] : links_) {
      if (first == name) {
        buffer = target;
        buffer += path.substr(1 + first.size());
        return buffer;
      }
    }
  }
  return path;
}

std::string RootAliases::canonical(std::string_view path) const {
  std::string buffer;
  return std::string(canonical(path, buffer));
}

}  // namespace sockwitness::recorder
