#include "recorder/proc/script.h"

#include <vector>

#include "schema/base/scan.h"
#include "schema/view/app.h"

namespace sockwitness::recorder {
namespace {

std::string join(const std::vector<std::string_view>& components, bool absolute) {
  std::string path;
  for (const std::string_view component : components) {
    if (absolute || !path.empty()) {
      path.push_back('/');
    }
    path.append(component);
  }
  return path;
}

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> components;
  while (!path.empty()) {
    const std::string_view component = schema::scan_until(path, '/');
    if (!component.empty() && component != ".") {
      components.push_back(component);
    }
  }
  return components;
}

// ".//a" is "a"; ".." stays.
std::string tidy(std::string_view path) {
  return join(split_path(path), path.starts_with('/'));
}

ScriptName locate(std::string_view path, std::string_view working_directory) {
  constexpr std::string_view kOwnDirectory = "/proc/self/cwd/";
  ScriptName name;
  name.said = tidy(path);
  if (name.said.empty() && !path.empty()) {
    name.said = ".";
  }
  name.relative = !path.starts_with('/');
  std::string_view below = name.said;
  if (below.starts_with(kOwnDirectory)) {
    below.remove_prefix(kOwnDirectory.size());
    name.relative = true;
  }
  if (!name.relative) {
    name.place = name.said;
  } else if (working_directory.size() > 1) {
    name.place = tidy(std::string(working_directory).append("/").append(below));
  }
  return name;
}

}  // namespace

std::string plain_path(std::string_view path) {
  std::vector<std::string_view> plain;
  for (const std::string_view component : split_path(path)) {
    if (component != "..") {
      plain.push_back(component);
    } else if (!plain.empty()) {
      plain.pop_back();
    }
  }
  return join(plain, true);
}

ScriptName find_script(std::string_view program,
                       std::string_view command_line,
                       std::string_view working_directory) {
  using Kind = schema::App::Kind;
  schema::App app = schema::find_app(program, command_line);
  if (app.kind == Kind::Name) {
    return {std::move(app.text), {}, false};
  }
  const bool named = app.kind == Kind::File || (app.kind == Kind::Titled && !app.text.empty());
  return named ? locate(app.text, working_directory) : ScriptName();
}

}  // namespace sockwitness::recorder
