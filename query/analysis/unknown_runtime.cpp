#include "query/analysis/unknown_runtime.h"

#include <algorithm>
#include <array>

#include "schema/base/base_name.h"
#include "schema/view/app.h"
#include "schema/view/command_line.h"

namespace sockwitness::query {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

// "py" of "/srv/app.py"; empty for what does not end like the name of a file.
std::string_view extension_of(std::string_view path) {
  const std::string_view name = schema::base_name(path);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) {
    return {};
  }
  const std::string_view end = name.substr(dot + 1);
  const bool word = std::all_of(end.begin(), end.end(), is_word) &&
                    std::any_of(end.begin(), end.end(), is_letter);
  return word ? end : std::string_view();
}

// Nothing that is run lies there, or it is the configuration of a server.
bool is_told_by(std::string_view path) {
  constexpr std::array<std::string_view, 5> kPlaces{"/etc/", "/run/", "/dev/", "/proc/", "/sys/"};
  constexpr std::array<std::string_view, 17> kEnds{"conf",
                                                   "config",
                                                   "cfg",
                                                   "cnf",
                                                   "cf",
                                                   "ini",
                                                   "yaml",
                                                   "yml",
                                                   "json",
                                                   "toml",
                                                   "xml",
                                                   "sock",
                                                   "pid",
                                                   "log",
                                                   "db",
                                                   "pem",
                                                   "properties"};
  return std::any_of(kPlaces.begin(),
                     kPlaces.end(),
                     [&](std::string_view place) { return path.starts_with(place); }) ||
         std::find(kEnds.begin(), kEnds.end(), extension_of(path)) != kEnds.end();
}

}  // namespace

std::string_view unknown_app(const schema::Owner& owner) {
  if (!owner.program || !owner.command_line || !owner.forwards_to.empty() || owner.manager ||
      schema::is_runtime(owner.path())) {
    return {};
  }
  const auto arguments = schema::split_arguments(*owner.command_line, owner.long_line);
  if (arguments.size() < 2 || arguments[1].starts_with('-') || is_told_by(arguments[1])) {
    return {};
  }
  const std::string_view argument = arguments[1];
  const bool named = !extension_of(argument).empty();
  const bool placed = argument.size() > 1 && argument.starts_with('/') &&
                      !argument.ends_with('/') &&
                      schema::base_name(argument).find('.') == std::string_view::npos;
  return named || placed ? argument : std::string_view();
}

}  // namespace sockwitness::query
