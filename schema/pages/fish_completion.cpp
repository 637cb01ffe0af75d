#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/pages/completion.h"
#include "schema/pages/value_kind.h"

namespace sockwitness::schema {
namespace {

// {0}: the name of functions.
constexpr const char* kFishHelpers = R"sh(# The database that is named on the line, as options.
function __{0}_database
    set -l words (commandline -opc)
    if set -l index (contains -i -- --db $words)
        printf '%s\n' --db $words[(math $index + 1)]
    end
end

function __{0}_baselines
    sockwitness-recorder baseline list (__{0}_database) 2>/dev/null | string replace -rf '^([\w.-]+)  .*' '$1'
end

function __{0}_rules
    sockwitness rules --format csv 2>/dev/null | string replace -rf '^([^,]+),([^,]+),([^,]+).*' '$1\t$3' | string match -v 'id*title'
end
)sh";

std::string quote(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') {
      quoted += '\\';
    }
    quoted += letter;
  }
  return quoted + "'";
}

std::string fish_offer(const OfferedValue& value, const std::string& name) {
  switch (value.kind) {
    case ValueKind::Words:
      return fmt::format("-x -a '{}'", fmt::join(value.words, " "));
    case ValueKind::Time:
      return fmt::format("-x -a '{}'", fmt::join(offered_times(), " "));
    case ValueKind::File:
      return "-r -F";
    case ValueKind::Folder:
      return "-x -a '(__fish_complete_directories)'";
    case ValueKind::Baseline:
      return fmt::format("-x -a '(__{}_baselines)'", name);
    case ValueKind::Rule:
      return fmt::format("-x -a '(__{}_rules)'", name);
    case ValueKind::Nothing:
      break;
  }
  return "-x";
}

std::string place_text(const CompletionPlace& place,
                       const CommandText& program,
                       const std::string& name) {
  const std::string begin = fmt::format(
      "complete -c {} -n 'test \"$(__{}_path)\" = \"{}\"'", program.name, name, place.path);
  std::string text;
  for (const CommandText& command : place.command->commands) {
    text += fmt::format("{} -a {} -d {}\n", begin, command.name, quote(command.help));
  }
  for (const OptionText& option : place.options) {
    std::string names;
    for (const std::string& written : option.names) {
      const bool is_long = written.starts_with("--");
      names += fmt::format(" {} {}", is_long ? "-l" : "-s", written.substr(is_long ? 2 : 1));
    }
    text += fmt::format("{}{} {}{}-d {}\n",
                        begin,
                        names,
                        option.value.empty() ? "" : fish_offer(offered_value(option), name),
                        option.value.empty() ? "" : " ",
                        quote(option.help));
  }
  for (const OptionText& word : place.words) {
    const OfferedValue value = offered_value(word);
    if (value.kind != ValueKind::Nothing && place.command->name != "add") {
      text += fmt::format("{} {}\n", begin, fish_offer(value, name));
    }
  }
  return text;
}

}  // namespace

std::string fish_completion(const CommandText& program) {
  const std::string name = function_name(program);
  const auto places = completion_places(program);
  std::string script = fmt::format("# Completion of {} for fish.\n\n", program.name);
  script += fmt::format(fmt::runtime(kFishHelpers), name);
  script += fmt::format(
      "\n# The command that is typed: \"rules show\".\nfunction __{}_path\n    set -l path ''\n"
      "    for word in (commandline -opc)[2..]\n        switch \"$path:$word\"\n",
      name);
  for (const CompletionPlace& place : places) {
    for (const CommandText& below : place.command->commands) {
      const std::string path = place.path.empty() ? below.name : place.path + " " + below.name;
      script += fmt::format("            case '{}:{}'\n                set path '{}'\n",
                            place.path,
                            below.name,
                            path);
    }
  }
  script +=
      fmt::format("        end\n    end\n    echo $path\nend\n\ncomplete -c {} -f\n", program.name);
  for (const CompletionPlace& place : places) {
    script += place_text(place, program, name);
  }
  return script;
}

}  // namespace sockwitness::schema
