#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/pages/completion.h"
#include "schema/pages/value_kind.h"

namespace sockwitness::schema {
namespace {

// {0}: the name of functions.
constexpr const char* kHelpers = R"sh(# Offers words that begin with what is typed.
_{0}_offer() {{
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}}

# The database that is named on the line, as options.
_{0}_database() {{
  local index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [ "${{COMP_WORDS[index - 1]}}" = --db ]; then
      printf '%s\n' --db "${{COMP_WORDS[index]}}"
      return
    fi
  done
}}

_{0}_baselines() {{
  local database
  mapfile -t database < <(_{0}_database)
  _{0}_offer "$(sockwitness-recorder baseline list "${{database[@]}}" 2>/dev/null |
    while read -r name second _; do [ "$second" = yet\; ] || printf '%s ' "$name"; done)"
}}

_{0}_rules() {{
  _{0}_offer "$(sockwitness rules --format csv 2>/dev/null |
    while IFS=, read -r name _; do [ "$name" = id ] || printf '%s ' "$name"; done)"
}}

_{0}_files() {{
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
}}
)sh";

std::string offer(const OfferedValue& value, const std::string& name) {
  switch (value.kind) {
    case ValueKind::Words:
      return fmt::format("_{}_offer '{}'", name, fmt::join(value.words, " "));
    case ValueKind::Time:
      return fmt::format("_{}_offer '{}'", name, fmt::join(offered_times(), " "));
    case ValueKind::File:
      return fmt::format("_{}_files -f", name);
    case ValueKind::Folder:
      return fmt::format("_{}_files -d", name);
    case ValueKind::Baseline:
      return fmt::format("_{}_baselines", name);
    case ValueKind::Rule:
      return fmt::format("_{}_rules", name);
    case ValueKind::Nothing:
      break;
  }
  return ":";
}

std::string place_text(const CompletionPlace& place, const std::string& name) {
  std::vector<std::string> words;
  std::string values;
  for (const OptionText& option : place.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
    if (!option.value.empty()) {
      values += fmt::format("        {})\n          {}\n          return\n          ;;\n",
                            fmt::join(option.names, " | "),
                            offer(offered_value(option), name));
    }
  }
  std::vector<std::string> commands;
  for (const CommandText& command : place.command->commands) {
    commands.push_back(command.name);
  }
  std::string free = "      words=''\n";
  if (!commands.empty()) {
    free = fmt::format("      words='{}'\n", fmt::join(commands, " "));
  } else if (!place.words.empty() && place.command->name != "add") {
    free =
        fmt::format("      if [[ $current != -* ]]; then\n        {}\n        return\n      fi\n",
                    offer(offered_value(place.words.front()), name)) +
        "      words=''\n";
  }
  return fmt::format(
      "    '{}')\n      case \"$previous\" in\n{}      esac\n{}      options='{}'\n      ;;\n",
      place.path,
      values,
      free,
      fmt::join(words, " "));
}

}  // namespace

std::string bash_completion(const CommandText& program) {
  const std::string name = function_name(program);
  const auto places = completion_places(program);
  std::string script =
      fmt::format("# shellcheck shell=bash\n# Completion of {} for bash.\n\n", program.name);
  script += fmt::format(fmt::runtime(kHelpers), name);
  script += fmt::format("\n_{}() {{\n  local current=${{COMP_WORDS[COMP_CWORD]}} ", name);
  script +=
      "previous=${COMP_WORDS[COMP_CWORD - 1]}\n  local path='' words='' options='' index\n"
      "  COMPREPLY=()\n  for ((index = 1; index < COMP_CWORD; index++)); do\n"
      "    case \"$path:${COMP_WORDS[index]}\" in\n";
  for (const CompletionPlace& place : places) {
    for (const CommandText& below : place.command->commands) {
      const std::string path = place.path.empty() ? below.name : place.path + " " + below.name;
      script += fmt::format("      '{}:{}') path='{}' ;;\n", place.path, below.name, path);
    }
  }
  script += "    esac\n  done\n  case \"$path\" in\n";
  for (const CompletionPlace& place : places) {
    script += place_text(place, name);
  }
  return script +
         fmt::format(
             "  esac\n  if [[ $current == -* ]]; then\n    _{0}_offer \"$options\"\n  else\n"
             "    _{0}_offer \"$words\"\n  fi\n}}\n\ncomplete -F _{0} {1}\n",
             name,
             program.name);
}

}  // namespace sockwitness::schema
