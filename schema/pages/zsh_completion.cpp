#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/pages/completion.h"
#include "schema/pages/value_kind.h"

namespace sockwitness::schema {
namespace {

// {0}: the name of functions.
constexpr const char* kHelpers = R"sh(# The database that is named on the line, as options.
_{0}_database() {{
  local found=${{opt_args[--db]:-$database}}
  reply=()
  [[ -z $found ]] || reply=(--db "${{(Q)found}}")
}}

_{0}_baselines() {{
  local -a reply names
  _{0}_database
  names=(${{${{(f)"$(_call_program baselines sockwitness-recorder baseline list ${{(q)reply}} 2>/dev/null)"}}%% *}})
  names=(${{names:#no}})
  compadd -a names
}}

_{0}_rules() {{
  local -a names
  names=(${{${{(f)"$(_call_program rules sockwitness rules --format csv 2>/dev/null)"}}%%,*}})
  names=(${{names:#id}})
  compadd -a names
}}

_{0}_times() {{
  compadd -- {1}
}}
)sh";

// Inside of single quotes, in the bracketed part of a specification.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (letter == '\'') {
      escaped += "'\\''";
      continue;
    }
    if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') {
      escaped += '\\';
    }
    escaped += letter;
  }
  return escaped;
}

std::string action(const OfferedValue& value, const std::string& name) {
  switch (value.kind) {
    case ValueKind::Words:
      return fmt::format("({})", fmt::join(value.words, " "));
    case ValueKind::Time:
      return fmt::format("_{}_times", name);
    case ValueKind::File:
      return "_files";
    case ValueKind::Folder:
      return "_files -/";
    case ValueKind::Baseline:
      return fmt::format("_{}_baselines", name);
    case ValueKind::Rule:
      return fmt::format("_{}_rules", name);
    case ValueKind::Nothing:
      break;
  }
  return " ";
}

std::string option_specification(const OptionText& option, const std::string& name) {
  std::vector<std::string> names;
  for (const std::string& written : option.names) {
    const char* joint = option.value.empty() ? "" : (written.starts_with("--") ? "=" : "+");
    names.push_back(written + joint);
  }
  std::string rest = fmt::format("[{}]", escape(option.help));
  if (!option.value.empty()) {
    rest += fmt::format(":{}:{}", escape(option.value), action(offered_value(option), name));
  }
  if (option.repeats) {
    return names.size() == 1 ? fmt::format("'*{}{}'", names.front(), rest)
                             : fmt::format("'*'{{{}}}'{}'", fmt::join(names, ","), rest);
  }
  return names.size() == 1
             ? fmt::format("'{}{}'", names.front(), rest)
             : fmt::format(
                   "'({})'{{{}}}'{}'", fmt::join(option.names, " "), fmt::join(names, ","), rest);
}

std::string place_function(const std::string& path, const std::string& name) {
  std::string function = "_" + name;
  for (const char letter : path.empty() ? std::string() : " " + path) {
    function += letter == ' ' ? std::string("__") : std::string(1, letter);
  }
  return function;
}

std::string place_text(const CompletionPlace& place, const std::string& name) {
  std::string text = fmt::format("{}() {{\n", place_function(place.path, name));
  if (!place.command->commands.empty()) {
    text +=
        "  local -a commands\n  local curcontext=\"$curcontext\" state state_descr line\n"
        "  typeset -A opt_args\n  commands=(\n";
    for (const CommandText& command : place.command->commands) {
      text += fmt::format("    '{}:{}'\n", command.name, escape(command.help));
    }
    text += "  )\n";
  }
  text += fmt::format("  _arguments {}-s -S", place.command->commands.empty() ? "" : "-C ");
  for (const OptionText& option : place.options) {
    text += " \\\n    " + option_specification(option, name);
  }
  for (const OptionText& word : place.words) {
    if (!place.command->commands.empty()) {
      break;  // the first word is a command there
    }
    const OfferedValue value = place.command->name == "add" ? OfferedValue{} : offered_value(word);
    text += fmt::format(" \\\n    ':{}:{}'", escape(word.word), action(value, name));
  }
  if (place.command->commands.empty()) {
    return text + "\n}\n\n";
  }
  text +=
      " \\\n    '1: :->command' '*:: :->below'\n  local database=${opt_args[--db]:-$database}\n"
      "  case $state in\n"
      "    command) _describe command commands ;;\n    below)\n      case $words[1] in\n";
  for (const CommandText& command : place.command->commands) {
    const std::string below = place.path.empty() ? command.name : place.path + " " + command.name;
    text += fmt::format("        {}) {} ;;\n", command.name, place_function(below, name));
  }
  return text + "      esac\n      ;;\n  esac\n}\n\n";
}

}  // namespace

std::string zsh_completion(const CommandText& program) {
  const std::string name = function_name(program);
  std::string script = fmt::format("#compdef {0}\n# Completion of {0} for zsh.\n\n", program.name);
  script += fmt::format(fmt::runtime(kHelpers), name, fmt::join(offered_times(), " ")) + "\n";
  for (const CompletionPlace& place : completion_places(program)) {
    script += place_text(place, name);
  }
  return script + fmt::format("_{} \"$@\"\n", name);
}

}  // namespace sockwitness::schema
