#include "query/rules/invocation.h"

#include <algorithm>
#include <array>

#include "query/rules/program_kind.h"
#include "query/rules/shell_text.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

// Letters of clustered short options; words are separated by blanks, with their dashes.
struct Grammar {
  std::string_view families = {};
  std::string_view code = {};        // code follows, attached or as the next argument
  std::string_view names = {};       // a script or module follows
  std::string_view value = {};       // a value follows, attached or as the next argument
  std::string_view next = {};        // the next argument is a value
  std::string_view rest = {};        // the rest of the cluster is a value
  std::string_view input = {};       // standard input is obeyed whatever else is said
  std::string_view long_code = {};   // the next argument, or what follows "=", is code
  std::string_view long_names = {};  // likewise a script, module or class
  std::string_view long_value = {};
  bool first_is_code = false;  // the first argument without a dash is the program text
};

// Source: each program's manual page, as of Debian 12.
constexpr auto kGrammars = std::to_array<Grammar>({
    {.families = "bash dash sh zsh ksh ash yash",
     .next = "oO",
     .input = "s",
     .long_value = "--rcfile --init-file"},
    {.families = "fish", .code = "c", .value = "Cdo", .long_code = "--command"},
    {.families = "csh", .code = "c"},
    {.families = "elvish", .code = "c"},
    {.families = "rc", .code = "c", .input = "s"},
    {.families = "python", .code = "c", .names = "m", .value = "WXQ"},
    {.families = "perl", .code = "eE", .value = "I", .rest = "CDFMdimVx0l"},
    {.families = "ruby", .code = "e", .value = "IrCXE", .rest = "0FKTWix"},
    {.families = "node",
     .code = "ep",
     .value = "rC",
     .long_code = "--eval --print eval",
     .long_value = "--require --import --loader --inspect-port"},
    {.families = "php",
     .code = "rRBE",
     .names = "fFS",  // -S: the built-in server, which is told its scripts
     .value = "tcdzbp",
     .long_code = "--run --process-code --process-begin --process-end",
     .long_names = "--file --process-file"},
    {.families = "lua", .code = "e", .value = "ljbO"},
    {.families = "tcl", .long_value = "-encoding -display -name -geometry"},
    {.families = "awk",
     .names = "f",
     .value = "vFW",
     .long_names = "--file",
     .long_value = "--assign --field-separator",
     .first_is_code = true},
    {.families = "expect", .code = "c", .names = "f", .value = "D"},
    {.families = "R", .code = "e", .names = "f", .value = "g", .long_names = "--file"},
    {.families = "java",
     .long_names = "-jar -m --module",
     .long_value = "-cp -classpath --class-path -p --module-path --add-opens --add-exports "
                   "--add-modules"},
    {.families = "gdb", .long_code = "-ex -eval-command --eval-command -iex", .long_names = "-x"},
    {.families = "guile", .code = "c", .names = "s", .value = "Ll"},
    {.families = "julia", .code = "eE", .long_code = "--eval --print"},
});

bool has_letter(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    if (schema::scan_until(words, ' ') == word) {
      return true;
    }
  }
  return false;
}

const Grammar* find_grammar(std::string_view family) {
  const auto found = std::find_if(kGrammars.begin(), kGrammars.end(), [&](const Grammar& grammar) {
    return has_word(grammar.families, family);
  });
  return found == kGrammars.end() ? nullptr : &*found;
}

// Bourne's way: -c takes the first argument behind all options, wherever the letter stands.
bool has_command_letter(const Arguments& arguments, std::size_t at) {
  for (; at < arguments.size() && arguments[at].size() > 1 && arguments[at] != "--"; ++at) {
    const std::string_view argument = arguments[at];
    if (argument.front() != '-' && argument.front() != '+') {
      return false;
    }
    if (argument.starts_with("--")) {
      at += has_word(kGrammars.front().long_value, argument) ? 1U : 0U;
    } else if (argument.front() == '-' && has_letter(argument, 'c')) {
      return true;
    } else if (argument.find_first_of("oO", 1) != std::string_view::npos) {
      ++at;
    }
  }
  return false;
}

class ArgumentReader {
 public:
  ArgumentReader(const Grammar& grammar,
                 bool is_shell,
                 const Arguments& arguments,
                 std::size_t first)
      : grammar_(grammar), is_shell_(is_shell), arguments_(arguments), at_(first) {
    command_ = &grammar == &kGrammars.front() && has_command_letter(arguments, first);
  }

  Invocation read() {
    for (; at_ < arguments_.size(); ++at_) {
      const std::string_view argument = arguments_[at_];
      if (argument == "-") {
        continue;  // standard input by name
      }
      if (argument == "--") {
        ++at_;
        break;
      }
      if (has_word(grammar_.long_code, argument.substr(0, argument.find('='))) ||
          (argument.size() > 1 && (argument.front() == '-' || argument.front() == '+'))) {
        read_option(argument);
        continue;
      }
      break;
    }
    if (at_ < arguments_.size()) {
      read_first_word(arguments_[at_]);
    }
    found_.bare = reads_input_ || (!found_.names_code && !has_code_);
    if (has_code_ && is_shell_) {
      found_.bare = found_.bare || sources_input(found_.inline_code);
      found_.obeys = found_.obeys || evaluates_input(found_.inline_code);
    }
    found_.obeys = found_.obeys || found_.bare;
    return std::move(found_);
  }

 private:
  void add_code(std::string_view code) {
    has_code_ = true;
    found_.inline_code.append(found_.inline_code.empty() ? "" : "\n").append(code);
  }

  void take_code(std::string_view attached) {
    if (!attached.empty()) {
      add_code(attached);
    } else if (at_ + 1 < arguments_.size()) {
      add_code(arguments_[++at_]);
    }
  }

  void take_name(std::string_view attached) {
    at_ += attached.empty() ? 1U : 0U;
    name_code(attached.empty() && at_ < arguments_.size() ? arguments_[at_] : attached);
  }

  void name_code(std::string_view path) {
    found_.names_code = true;
    reads_input_ = reads_input_ || is_standard_input(path);
    found_.obeys = is_shell_ && is_descriptor(path);
  }

  void read_option(std::string_view argument) {
    const auto equals = argument.find('=');
    const std::string_view word = argument.substr(0, equals);
    const std::string_view attached =
        equals == std::string_view::npos ? std::string_view() : argument.substr(equals + 1);
    if (has_word(grammar_.long_code, word)) {
      take_code(attached);
    } else if (has_word(grammar_.long_names, word)) {
      take_name(attached);
    } else if (has_word(grammar_.long_value, word)) {
      at_ += equals == std::string_view::npos ? 1U : 0U;
    } else if (!argument.starts_with("--")) {
      read_cluster(argument.substr(1));
    }
  }

  void read_cluster(std::string_view letters) {
    while (!letters.empty()) {
      const char letter = letters.front();
      letters.remove_prefix(1);
      if (has_letter(grammar_.code, letter)) {
        return take_code(letters);
      }
      if (has_letter(grammar_.names, letter)) {
        return take_name(letters);
      }
      if (has_letter(grammar_.value, letter)) {
        at_ += letters.empty() ? 1U : 0U;
        return;
      }
      if (has_letter(grammar_.rest, letter)) {
        return;
      }
      reads_input_ = reads_input_ || has_letter(grammar_.input, letter);
      at_ += has_letter(grammar_.next, letter) ? 1U : 0U;
    }
  }

  void read_first_word(std::string_view word) {
    if (command_) {
      reads_input_ = false;
      add_code(word);
    } else if (grammar_.first_is_code && !found_.names_code) {
      add_code(word);
    } else if (!has_code_) {
      name_code(word);
    }
  }

  const Grammar& grammar_;
  bool is_shell_;
  const Arguments& arguments_;
  std::size_t at_;
  bool command_ = false;
  bool has_code_ = false;
  bool reads_input_ = false;
  Invocation found_;
};

}  // namespace

Invocation read_invocation(std::string_view family, const Arguments& arguments, std::size_t first) {
  const Grammar* grammar = find_grammar(family);
  if (grammar == nullptr) {
    return {};
  }
  const auto kind = find_kind(family);
  const bool is_shell = kind && kind->kind == Kind::Shell;
  return ArgumentReader(*grammar, is_shell, arguments, first).read();
}

}  // namespace sockwitness::query
