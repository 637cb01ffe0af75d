#include "schema/view/app.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "schema/base/base_name.h"
#include "schema/base/scan.h"
#include "schema/view/command_line.h"
#include "schema/view/guest_disk.h"
#include "schema/view/runtime.h"

namespace sockwitness::schema {
namespace {

using Arguments = std::vector<std::string_view>;
using Kind = App::Kind;

bool contains(std::string_view list, char letter) {
  return list.find(letter) != std::string_view::npos;
}

// Whole words separated by blanks.
bool contains_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    if (scan_until(list, ' ') == word) {
      return true;
    }
  }
  return false;
}

bool has_suffix(std::string_view suffixes, std::string_view word) {
  while (!suffixes.empty()) {
    if (word.ends_with(scan_until(suffixes, ' '))) {
      return true;
    }
  }
  return false;
}

// What an option says about the arguments after it.
enum class Effect {
  Nothing,    // the next argument is read
  TakesNext,  // the next argument is its value
  Code,       // code on the command line
  Input,      // standard input: nothing is named
  Names       // it names what is run
};

struct Decision {
  Effect effect = Effect::Nothing;
  std::string_view attached;  // Code, Names: the value in the same argument; empty: the next one
  bool module = false;        // Names: a module, not a file
};

Decision judge_long(const Runtime& runtime, std::string_view argument) {
  const auto equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : argument.substr(equals + 1);
  if (contains_word(runtime.long_code, name)) {
    return {Effect::Code, value, false};
  }
  if (contains_word(runtime.long_input, name)) {
    return {Effect::Input, {}, false};
  }
  if (contains_word(runtime.long_script, name)) {
    return {Effect::Names, value, false};
  }
  if (contains_word(runtime.long_module, name)) {
    return {Effect::Names, value, true};
  }
  if (equals == std::string_view::npos && contains_word(runtime.long_value, name)) {
    return {Effect::TakesNext, {}, false};
  }
  return {};
}

// A cluster such as "-xec": letters one by one, until one takes the rest or the next argument.
Decision judge_cluster(const Runtime& runtime, std::string_view letters) {
  while (!letters.empty()) {
    const char letter = letters.front();
    letters.remove_prefix(1);
    if (contains(runtime.short_code, letter)) {
      return {Effect::Code, runtime.flags_after_code ? std::string_view() : letters, false};
    }
    if (contains(runtime.short_input, letter)) {
      return {Effect::Input, {}, false};
    }
    if (contains(runtime.short_module, letter)) {
      return {Effect::Names, letters, true};
    }
    if (contains(runtime.short_script, letter)) {
      return {Effect::Names, letters, false};
    }
    if (contains(runtime.short_value, letter)) {
      return {letters.empty() ? Effect::TakesNext : Effect::Nothing, {}, false};
    }
    if (contains(runtime.short_next, letter)) {
      return {Effect::TakesNext, {}, false};
    }
    if (contains(runtime.short_rest, letter)) {
      return {};
    }
  }
  return {};
}

Decision judge_option(const Runtime& runtime, std::string_view argument) {
  if (runtime.words || argument.starts_with("--")) {
    return judge_long(runtime, argument);
  }
  const Decision as_word = judge_long(runtime, argument);
  return as_word.effect == Effect::Nothing ? judge_cluster(runtime, argument.substr(1)) : as_word;
}

bool is_option(const Runtime& runtime, std::string_view argument) {
  return argument.size() > 1 &&
         (argument.front() == '-' || (runtime.plus_options && argument.front() == '+') ||
          (runtime.argument_files && argument.front() == '@'));
}

struct Found {
  Kind kind = Kind::None;
  std::string_view text;
  std::size_t next = 0;  // position of the arguments that are its own
  bool module = false;
};

// "OPTION VALUE" and "OPTION=VALUE"; of "-Dname=" the rest of the word.
std::string_view value_at(const Arguments& arguments, std::size_t at, std::string_view option) {
  std::string_view word = arguments[at];
  if (!scan_literal(word, option)) {
    return {};
  }
  if (option.ends_with('=')) {
    return word;
  }
  if (word.empty()) {
    return at + 1 < arguments.size() ? arguments[at + 1] : std::string_view();
  }
  return scan_literal(word, "=") ? word : std::string_view();
}

// The value of the first of these options that has one.
std::string_view find_value(std::string_view options, const Arguments& arguments) {
  while (!options.empty()) {
    const std::string_view option = scan_until(options, ' ');
    for (std::size_t at = 1; at < arguments.size(); ++at) {
      if (const std::string_view value = value_at(arguments, at, option); !value.empty()) {
        return value;
      }
    }
  }
  return {};
}

// The words of an option that is looked for in the whole line.
Found find_anywhere(const Runtime& runtime, const Arguments& arguments) {
  const std::size_t end = arguments.size();
  for (std::string_view options = runtime.long_module; !options.empty();) {
    const std::string_view option = scan_until(options, ' ');
    for (std::size_t at = 1; at < end; ++at) {
      std::string_view value = value_at(arguments, at, option);
      for (std::size_t next = at + 1; value.starts_with('-') && ++next < end;) {
        value = arguments[next];
      }
      value = runtime.disks ? disk_of(option, value) : value;
      if (!value.empty() && !value.starts_with('-') && !contains_word(runtime.subcommands, value)) {
        return {Kind::Name, value, std::min(at + 2, end)};
      }
    }
  }
  const auto file = std::find_if(arguments.begin() + 1, arguments.end(), [&](auto argument) {
    return !argument.starts_with('-') && has_suffix(runtime.suffixes, argument);
  });
  return file == arguments.end() ? Found() : Found{Kind::Name, *file, end};
}

// A shell takes more options between "-c" and the code.
std::size_t place_of_code(const Runtime& runtime, const Arguments& arguments, std::size_t at) {
  while (runtime.flags_after_code && at < arguments.size() && is_option(runtime, arguments[at])) {
    ++at;
  }
  return at;
}

bool is_remote(std::string_view name) {
  return name.starts_with("http:") || name.starts_with("https:") || name.starts_with("jsr:") ||
         name.starts_with("npm:");
}

Found find_in_order(const Runtime& runtime, const Arguments& arguments, std::size_t at) {
  Found code;
  std::optional<Kind> command;  // what follows its words
  for (; at < arguments.size(); ++at) {
    const std::string_view argument = arguments[at];
    const bool has_next = at + 1 < arguments.size();
    if (argument == "-" || argument.empty()) {
      return {argument.empty() ? Kind::None : Kind::Input, {}, at};
    }
    if (argument == "--") {
      return has_next && !runtime.named_only ? Found{Kind::File, arguments[at + 1], at + 2}
                                             : Found{};
    }
    if (contains_word(runtime.subcommands, argument)) {
      continue;
    }
    if (!command && contains_word(runtime.name_commands, argument)) {
      command = Kind::Name;
      continue;
    }
    if (!command && contains_word(runtime.code_commands, argument)) {
      command = Kind::Code;
      continue;
    }
    if (!is_option(runtime, argument)) {
      if (command) {
        return {*command, argument, at + 1};
      }
      if (runtime.named_only) {
        continue;
      }
      if (!runtime.suffixes.empty() && is_remote(argument)) {
        return {Kind::Name, argument, at + 1};
      }
      if (!runtime.suffixes.empty() && !has_suffix(runtime.suffixes, argument)) {
        return {};
      }
      const bool is_name = runtime.bare_is_name && !argument.ends_with(".java");
      return {is_name ? Kind::Name : Kind::File, argument, at + 1};
    }
    const Decision decision = judge_option(runtime, argument);
    switch (decision.effect) {
      case Effect::Nothing:
        break;
      case Effect::TakesNext:
        ++at;
        break;
      case Effect::Code: {
        const bool attached = !decision.attached.empty();
        const std::size_t place = attached ? at : place_of_code(runtime, arguments, at + 1);
        if (place >= arguments.size()) {
          return code;
        }
        code = {Kind::Code, attached ? decision.attached : arguments[place], place + 1};
        if (!runtime.file_after_code) {
          return code;
        }
        at = place;
        break;
      }
      case Effect::Input:
        return {Kind::Input, {}, at + 1};
      case Effect::Names: {
        const Kind kind = decision.module ? Kind::Name : Kind::File;
        if (!decision.attached.empty()) {
          return {kind, decision.attached, at + 1, decision.module};
        }
        return has_next ? Found{kind, arguments[at + 1], at + 2, decision.module} : Found{};
      }
    }
  }
  return code;
}

Found find_in_arguments(const Runtime& runtime, const Arguments& arguments, std::size_t at) {
  if (runtime.whole_line) {
    return find_anywhere(runtime, arguments);
  }
  if (runtime.by_own_name && has_suffix(runtime.suffixes, arguments[0])) {
    return {Kind::Name, arguments[0], 1};
  }
  return find_in_order(runtime, arguments, at);
}

std::string object_of(std::string_view runner, std::string_view object) {
  return object.empty() ? std::string() : std::string(runner).append(" ").append(object);
}

// What is run by a runtime that is told neither a file nor a name: a configuration, or a file of
// arguments.
std::string find_fallback(const Runtime& runtime, const Arguments& arguments) {
  std::string_view text = find_value(runtime.long_fallback, arguments);
  const auto listed = std::find_if(arguments.begin() + 1, arguments.end(), [](auto argument) {
    return argument.starts_with('@') && argument.size() > 1;
  });
  if (text.empty() && runtime.argument_files && listed != arguments.end()) {
    text = *listed;
  }
  return object_of(runtime.names.substr(0, runtime.names.find(' ')), text);
}

// Of a class path only one that has one entry: more of them change with every version.
std::string find_place(const Runtime& runtime, const Arguments& arguments) {
  const std::string_view place = find_value(runtime.long_place, arguments);
  return place.find(':') == std::string_view::npos ? std::string(place) : std::string();
}

// "npm" of "/usr/lib/node_modules/npm/bin/npm-cli.js".
std::string_view launcher_name(std::string_view path) {
  std::string_view name = base_name(path);
  name = name.substr(0, name.starts_with("org.") ? name.size() : name.find('.'));
  for (const std::string_view end : {"-cli", "-bin"}) {
    if (name.ends_with(end)) {
      name.remove_suffix(end.size());
    }
  }
  return name;
}

// "shop:app" of "gunicorn shop:app"; each launcher may start another one: "bundle exec puma".
void find_object(std::string_view name, const Arguments& arguments, std::size_t at, App& app) {
  while (const Runtime* launcher = find_launcher(base_name(name))) {
    if (std::string place = find_place(*launcher, arguments); !place.empty()) {
      app.place = std::move(place);
    }
    const Found found = find_in_arguments(*launcher, arguments, at);
    if (found.text.empty()) {
      const std::string_view text = find_value(launcher->long_fallback, arguments);
      app.object = text.empty() ? std::move(app.object) : object_of(launcher_name(name), text);
      break;
    }
    app.object = object_of(launcher_name(name), found.text);
    name = found.text;
    at = found.next;
  }
}

bool is_title(const Arguments& arguments) {
  return arguments[0].find(' ') != std::string_view::npos &&
         std::all_of(arguments.begin() + 1, arguments.end(), [](std::string_view argument) {
           return argument.find_first_not_of(' ') == std::string_view::npos;
         });
}

App read_title(std::string_view title) {
  App app{Kind::Titled, {}, {}, {}};
  const TitleForm* form = find_title_form(title);
  if (form == nullptr) {
    return app;
  }
  std::string_view name = title.substr(form->begin.size());
  if (!form->open.empty()) {
    const auto open = name.rfind(form->open);
    name =
        open == std::string_view::npos ? std::string_view() : name.substr(open + form->open.size());
  }
  if (!form->close.empty()) {
    name = name.substr(0, name.find(form->close));
  }
  while (name.ends_with(' ')) {
    name.remove_suffix(1);
  }
  if (form->launcher.empty()) {
    app.text = name;
  } else if (!name.empty()) {
    app.object = std::string(form->launcher).append(" ").append(name);
  }
  return app;
}

}  // namespace

bool is_runtime(std::string_view program) {
  return find_runtime(base_name(program)) != nullptr;
}

App find_app(std::string_view program, std::string_view command_line) {
  std::string_view name = base_name(program);
  if (name.empty() || command_line.empty()) {
    return {};
  }
  const Arguments arguments = split_arguments(command_line, std::nullopt);
  std::size_t first = 1;
  const Runtime* runtime = find_runtime(name);
  if (runtime != nullptr && runtime->applets) {
    std::string_view applet = base_name(arguments[0]);
    if (applet.starts_with('-')) {  // a login shell
      applet.remove_prefix(1);
    }
    const Runtime* own = find_runtime(applet);
    if (own == runtime && arguments.size() > 1) {
      applet = arguments[1];
      own = find_runtime(applet);
      first = 2;
    }
    if (own == nullptr || own == runtime) {
      return {Kind::None, {}, object_of(name, applet), {}};
    }
    runtime = own;
  }
  if (runtime == nullptr) {
    return {};
  }
  if (is_title(arguments) && !runtime->by_own_name) {
    return read_title(arguments[0]);
  }
  const Found found = find_in_arguments(*runtime, arguments, first);
  App app{found.kind, std::string(found.text), {}, find_place(*runtime, arguments)};
  if (found.kind == Kind::None) {
    app.object = find_fallback(*runtime, arguments);
    app.kind = runtime->argument_files && !app.object.empty() ? Kind::Listed : Kind::None;
  }
  if (found.kind == Kind::File || found.kind == Kind::Name) {
    find_object(found.text, arguments, found.next, app);
  }
  if (found.module && !runtime->bare_is_name) {
    app.text = "-m " + app.text;
  }
  return app;
}

// What a pool of processes is started with counts its descriptors.
std::string stable_code(std::string code) {
  if (code.starts_with("from multiprocessing.")) {
    std::erase_if(code, is_digit);
  }
  return code;
}

std::string tail_of_module(std::string_view module) {
  std::string path = "/";
  for (const char c : module) {
    path.push_back(c == '.' ? '/' : c);
  }
  return path;
}

AppIdentity app_of(const Owner& owner) {
  if (owner.unread.contains(Part::Script) || !owner.program) {
    return {std::nullopt, {}, {}};
  }
  const std::string_view line = owner.command_line ? *owner.command_line : std::string_view();
  App app = find_app(owner.path(), ends_of(line, owner.long_line).head);
  AppIdentity identity{std::string(), std::move(app.object), std::move(app.place)};
  // A name that lies nowhere is told anew by today's tables.
  if (!owner.script.empty() && (app.kind != Kind::Name || owner.script.starts_with('/'))) {
    identity.what = owner.script;
    return identity;
  }
  switch (app.kind) {
    case Kind::Titled:
    case Kind::Listed:
      identity.what = app.text.empty() ? std::nullopt : std::optional(std::move(app.text));
      break;
    case Kind::Code:
      identity.what = "-c " + stable_code(std::move(app.text));
      break;
    case Kind::File:
    case Kind::Name:
      identity.what = std::move(app.text);
      break;
    case Kind::Input:
      identity.what = "standard input";
      break;
    case Kind::None:
      break;
  }
  return identity;
}

bool names_same_module(std::string_view left, std::string_view right) {
  constexpr std::string_view kMain = "/__main__.py";
  constexpr std::string_view kModule = "-m ";
  if (right.starts_with(kModule)) {
    std::swap(left, right);
  }
  if (!scan_literal(left, kModule)) {
    return (left.ends_with(kMain) && left.substr(0, left.size() - kMain.size()) == right) ||
           (right.ends_with(kMain) && right.substr(0, right.size() - kMain.size()) == left);
  }
  const auto plain = [](std::string_view module) {
    return module.ends_with(".__main__") ? module.substr(0, module.rfind('.')) : module;
  };
  if (std::string_view other = right; scan_literal(other, kModule)) {
    return plain(left) == plain(other);
  }
  const std::string tail = tail_of_module(plain(left));
  return right.ends_with(tail) || right.ends_with(tail + ".py") ||
         right.ends_with(std::string(tail).append(kMain));
}

}  // namespace sockwitness::schema
