#include "query/rules/shell_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "query/rules/path_words.h"
#include "query/rules/program_kind.h"

namespace sockwitness::query {
namespace {

using Command = std::vector<std::string>;

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Behind these words, and behind assignments, the command is still to come.
bool precedes_command(std::string_view word) {
  constexpr auto kWords = std::to_array<std::string_view>({"do",
                                                           "then",
                                                           "else",
                                                           "elif",
                                                           "while",
                                                           "until",
                                                           "if",
                                                           "!",
                                                           "{",
                                                           "time",
                                                           "exec",
                                                           "command",
                                                           "builtin",
                                                           "nohup",
                                                           "setsid",
                                                           "coproc"});
  const auto equals = word.find('=');
  const bool assigns = equals != std::string_view::npos && word.find('$') > equals;
  return contains(kWords, word) || assigns;
}

// Quotes are taken away, not understood: what is quoted is often run later.
std::vector<Command> split_commands(std::string_view text) {
  std::vector<Command> commands(1);
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && !(commands.back().empty() && precedes_command(word))) {
      commands.back().push_back(word);
    }
    word.clear();
  };
  for (const char letter : text) {
    if (std::string_view(" \t").find(letter) != std::string_view::npos) {
      end_word();
    } else if (std::string_view(";&|()\n`").find(letter) != std::string_view::npos &&
               !word.ends_with('<') && !word.ends_with('>')) {
      end_word();
      commands.emplace_back();
    } else if (std::string_view("\"'\\").find(letter) == std::string_view::npos) {
      word.push_back(letter);
    }
  }
  end_word();
  return commands;
}

// "$l" and "${l}" name l.
std::string_view variable_of(std::string_view word) {
  if (!word.starts_with('$')) {
    return {};
  }
  word.remove_prefix(word.starts_with("${") ? 2 : 1);
  return word.substr(0, word.find('}'));
}

bool has_argument(const Command& command, bool (*test)(std::string_view)) {
  return std::any_of(command.begin() + 1, command.end(), test);
}

bool is_word(std::string_view argument) {
  return !argument.starts_with('-') && !is_standard_input(argument);
}

// Adds the names of the variables that take what was read.
bool reads(const Command& command, std::set<std::string, std::less<>>& names) {
  constexpr auto kReaders = std::to_array<std::string_view>({"read", "mapfile", "readarray"});
  if (contains(kReaders, command[0])) {
    names.insert("REPLY");
    names.insert(command.begin() + 1, command.end());
    return true;
  }
  return command[0] == "cat" && !has_argument(command, is_word);
}

bool evaluates(const Command& command, const std::set<std::string, std::less<>>& names) {
  const auto kind = find_kind(base_name(command[0]));
  return command[0] == "eval" || names.contains(variable_of(command[0])) ||
         (kind && kind->kind == Kind::Shell &&
          has_argument(command, [](std::string_view word) { return word == "-c"; }));
}

}  // namespace

bool is_standard_input(std::string_view path) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/proc/thread-self/fd/0"});
  return contains(kNames, path);
}

bool is_descriptor(std::string_view path) {
  return is_standard_input(path) || path.starts_with("/dev/fd/") ||
         path.starts_with("/proc/self/fd/");
}

bool sources_input(std::string_view text) {
  const auto commands = split_commands(text);
  return std::any_of(commands.begin(), commands.end(), [](const Command& command) {
    return !command.empty() && (command[0] == "." || command[0] == "source") &&
           has_argument(command, is_standard_input);
  });
}

bool evaluates_input(std::string_view text) {
  const auto commands = split_commands(text);
  std::set<std::string, std::less<>> names;
  bool input = false;
  for (const Command& command : commands) {
    input = (!command.empty() && reads(command, names)) || input;
  }
  return input && std::any_of(commands.begin(), commands.end(), [&](const Command& command) {
           return !command.empty() && evaluates(command, names);
         });
}

}  // namespace sockwitness::query
