#include "query/analysis/patterns.h"

#include <fnmatch.h>

#include <algorithm>

#include "schema/base/base_name.h"
#include "schema/view/container_identity.h"
#include "schema/view/stable_name.h"

namespace sockwitness::query {
namespace {

bool matches_glob(const std::string& pattern, std::string_view text) {
  return fnmatch(pattern.c_str(), std::string(text).c_str(), 0) == 0;
}

}  // namespace

bool is_glob(std::string_view word) {
  return word.find_first_of("*?[") != std::string_view::npos;
}

bool matches_name(const std::string& word, std::string_view name) {
  return name == word || (is_glob(word) && matches_glob(word, name));
}

bool matches_path(const std::string& word, std::string_view path) {
  return !path.empty() && (matches_name(word, path) || matches_name(word, schema::base_name(path)));
}

bool matches_unit(const std::string& word, std::string_view unit) {
  const auto fits = [&](std::string_view name) {
    return matches_name(word, name) || (!name.empty() && name == word + ".service");
  };
  const auto slash = unit.find('/');  // "user@1000.service/syncthing.service"
  return fits(unit) || fits(unit.substr(0, slash)) ||
         (slash != std::string_view::npos && fits(unit.substr(slash + 1))) ||
         (!unit.empty() && schema::stable_unit(unit) == word);
}

bool matches_container(const std::string& word,
                       std::string_view container,
                       const std::optional<schema::ContainerFacts>& facts) {
  const auto names = schema::names_of(facts);
  return (!container.empty() && (container.starts_with(word) || matches_name(word, container))) ||
         std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           return matches_name(word, name);
         });
}

}  // namespace sockwitness::query
