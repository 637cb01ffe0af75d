#include "recorder/proc/script.h"

#include <vector>

#include "recorder/proc/interpreter.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using Arguments = std::vector<std::string_view>;

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Arguments split_arguments(std::string_view command_line) {
  Arguments arguments;
  while (!command_line.empty()) {
    arguments.push_back(schema::scan_until(command_line, '\0'));
  }
  return arguments;
}

bool contains(std::string_view list, char letter) {
  return list.find(letter) != std::string_view::npos;
}

// Whole words separated by blanks.
bool contains_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    if (schema::scan_until(list, ' ') == word) {
      return true;
    }
  }
  return false;
}

// What an option says about the arguments after it.
enum class Effect {
  Nothing,    // the next argument is looked at
  TakesNext,  // the next argument is its value
  Inline,     // code on the command line, or standard input: no script
  Names       // it names the script itself
};

struct Decision {
  Effect effect = Effect::Nothing;
  std::string_view attached;  // Names: the value in the same argument; empty: the next argument
  bool module = false;        // Names: a module, not a file
};

Decision judge_long(const Interpreter& interpreter, std::string_view argument) {
  const auto equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : argument.substr(equals + 1);
  if (contains_word(interpreter.long_inline, name)) {
    return {Effect::Inline, {}, false};
  }
  if (contains_word(interpreter.long_script, name)) {
    return {Effect::Names, value, false};
  }
  if (contains_word(interpreter.long_module, name)) {
    return {Effect::Names, value, true};
  }
  if (equals == std::string_view::npos && contains_word(interpreter.long_value, name)) {
    return {Effect::TakesNext, {}, false};
  }
  return {};
}

// A cluster such as "-xec": letters one by one, until one takes the rest or the next argument.
Decision judge_cluster(const Interpreter& interpreter, std::string_view letters) {
  while (!letters.empty()) {
    const char letter = letters.front();
    letters.remove_prefix(1);
    if (contains(interpreter.short_inline, letter)) {
      return {Effect::Inline, {}, false};
    }
    if (contains(interpreter.short_module, letter)) {
      return {Effect::Names, letters, true};
    }
    if (contains(interpreter.short_script, letter)) {
      return {Effect::Names, letters, false};
    }
    if (contains(interpreter.short_value, letter)) {
      return {letters.empty() ? Effect::TakesNext : Effect::Nothing, {}, false};
    }
    if (contains(interpreter.short_next, letter)) {
      return {Effect::TakesNext, {}, false};
    }
    if (contains(interpreter.short_rest, letter)) {
      return {};
    }
  }
  return {};
}

Decision judge_option(const Interpreter& interpreter, std::string_view argument) {
  if (interpreter.words || argument.starts_with("--")) {
    return judge_long(interpreter, argument);
  }
  const Decision as_word = judge_long(interpreter, argument);
  return as_word.effect == Effect::Nothing ? judge_cluster(interpreter, argument.substr(1))
                                           : as_word;
}

bool is_option(const Interpreter& interpreter, std::string_view argument) {
  return argument.size() > 1 &&
         (argument.front() == '-' || (interpreter.plus_options && argument.front() == '+') ||
          (interpreter.argument_files && argument.front() == '@'));
}

struct Found {
  std::string_view name;
  bool module = false;
};

Found find_in_arguments(const Interpreter& interpreter,
                        const Arguments& arguments,
                        std::size_t at) {
  for (; at < arguments.size(); ++at) {
    const std::string_view argument = arguments[at];
    if (argument == "-" || argument.empty()) {
      return {};
    }
    if (argument == "--") {
      return at + 1 < arguments.size() && !interpreter.named_only ? Found{arguments[at + 1], false}
                                                                  : Found{};
    }
    if (contains_word(interpreter.subcommands, argument)) {
      continue;
    }
    if (!is_option(interpreter, argument)) {
      if (interpreter.named_only) {
        continue;
      }
      return {argument, interpreter.bare_is_name && !argument.ends_with(".java")};
    }
    const Decision decision = judge_option(interpreter, argument);
    const bool has_next = at + 1 < arguments.size();
    switch (decision.effect) {
      case Effect::Nothing:
        break;
      case Effect::TakesNext:
        ++at;
        break;
      case Effect::Inline:
        return {};
      case Effect::Names:
        if (!decision.attached.empty()) {
          return {decision.attached, decision.module};
        }
        return has_next ? Found{arguments[at + 1], decision.module} : Found{};
    }
  }
  return {};
}

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

bool is_interpreter(std::string_view program) {
  const std::string_view name = base_name(program);
  return name == "busybox" || name == "busybox.static" || find_interpreter(name) != nullptr;
}

ScriptName find_script(std::string_view program,
                       std::string_view command_line,
                       std::string_view working_directory) {
  std::string_view name = base_name(program);
  if (name.empty() || command_line.empty()) {
    return {};
  }
  const Arguments arguments = split_arguments(command_line);
  std::size_t first = 1;
  if (name == "busybox" || name == "busybox.static") {
    name = base_name(arguments[0]);
    if (name.starts_with('-')) {  // a login shell
      name.remove_prefix(1);
    }
    if (name.starts_with("busybox") && arguments.size() > 1) {
      name = arguments[1];
      first = 2;
    }
  }
  const Interpreter* interpreter = find_interpreter(name);
  if (interpreter == nullptr) {
    return {};
  }
  const Found found = find_in_arguments(*interpreter, arguments, first);
  if (found.name.empty()) {
    return {};
  }
  if (found.module) {
    return {(interpreter->bare_is_name ? "" : "-m ") + std::string(found.name), {}, false};
  }
  return locate(found.name, working_directory);
}

}  // namespace sockwitness::recorder
