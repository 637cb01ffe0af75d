#include "schema/view/app.h"

#include <algorithm>
#include <vector>

#include "schema/base/base_name.h"
#include "schema/base/scan.h"
#include "schema/view/command_line.h"
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
};

// The words of an option that is searched in the whole line.
Found find_anywhere(const Runtime& runtime, const Arguments& arguments) {
  for (std::string_view options = runtime.long_module; !options.empty();) {
    const std::string_view option = scan_until(options, ' ');
    for (std::size_t at = 1; at + 1 < arguments.size(); ++at) {
      if (arguments[at] == option && !contains_word(runtime.subcommands, arguments[at + 1])) {
        return {Kind::Name, arguments[at + 1], at + 2};
      }
    }
  }
  return {};
}

// A shell takes more options between "-c" and the code.
std::size_t place_of_code(const Runtime& runtime, const Arguments& arguments, std::size_t at) {
  while (runtime.flags_after_code && at < arguments.size() && is_option(runtime, arguments[at])) {
    ++at;
  }
  return at;
}

Found find_in_arguments(const Runtime& runtime, const Arguments& arguments, std::size_t at) {
  if (runtime.whole_line) {
    return find_anywhere(runtime, arguments);
  }
  if (runtime.by_own_name && has_suffix(runtime.suffixes, arguments[0])) {
    return {Kind::Name, arguments[0], 1};
  }
  Found code;
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
    if (!is_option(runtime, argument)) {
      if (runtime.named_only) {
        continue;
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
          return {kind, decision.attached, at + 1};
        }
        return has_next ? Found{kind, arguments[at + 1], at + 2} : Found{};
      }
    }
  }
  return code;
}

// "shop:app" of "gunicorn shop:app"; each launcher may start another one: "bundle exec puma".
std::string find_object(std::string_view name, const Arguments& arguments, std::size_t at) {
  std::string object;
  while (const Runtime* launcher = find_launcher(base_name(name))) {
    const Found found = find_in_arguments(*launcher, arguments, at);
    if (found.text.empty()) {
      break;
    }
    object = std::string(base_name(name)).append(" ").append(found.text);
    name = found.text;
    at = found.next;
  }
  return object;
}

bool is_title(const Arguments& arguments) {
  return arguments[0].find(' ') != std::string_view::npos &&
         std::all_of(arguments.begin() + 1, arguments.end(), [](std::string_view argument) {
           return argument.find_first_not_of(' ') == std::string_view::npos;
         });
}

App read_title(std::string_view title) {
  App app{Kind::Titled, {}, {}};
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
  const std::string_view name = base_name(program);
  return name == "busybox" || name == "busybox.static" || find_runtime(name) != nullptr;
}

App find_app(std::string_view program, std::string_view command_line) {
  std::string_view name = base_name(program);
  if (name.empty() || command_line.empty()) {
    return {};
  }
  const Arguments arguments = split_arguments(command_line, std::nullopt);
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
  const Runtime* runtime = find_runtime(name);
  if (runtime == nullptr) {
    return {};
  }
  if (is_title(arguments) && !runtime->by_own_name) {
    return read_title(arguments[0]);
  }
  const Found found = find_in_arguments(*runtime, arguments, first);
  App app{found.kind, std::string(found.text), {}};
  if (found.kind == Kind::File || found.kind == Kind::Name) {
    app.object = find_object(found.text, arguments, found.next);
  }
  const bool module = found.kind == Kind::Name && !runtime->bare_is_name;
  if (module && !runtime->whole_line) {
    app.text = "-m " + app.text;
  }
  return app;
}

AppIdentity app_of(const Owner& owner) {
  if (owner.unread.contains(Part::Script) || !owner.program) {
    return {std::nullopt, {}};
  }
  const std::string_view line = owner.command_line ? *owner.command_line : std::string_view();
  App app = find_app(owner.path(), ends_of(line, owner.long_line).head);
  if (!owner.script.empty()) {
    return {owner.script, std::move(app.object)};
  }
  switch (app.kind) {
    case Kind::Titled:
      return {app.text.empty() ? std::nullopt : std::optional(std::move(app.text)),
              std::move(app.object)};
    case Kind::Code:
      return {"-c " + app.text, {}};
    case Kind::File:
    case Kind::Name:
      return {std::move(app.text), std::move(app.object)};
    case Kind::Input:
      return {"standard input", {}};
    case Kind::None:
      break;
  }
  return {std::string(), {}};
}

}  // namespace sockwitness::schema
