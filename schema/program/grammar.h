// The grammar of a command line: commands, their options, and where the words land.
//
// In:    commands and options with their help; argv.
// Out:   the words in their places, the commands that were named; help as text.
// Never: understands a word, or lets an unknown one pass: a usage error names the nearest known
//        one. CLI11 stays in grammar.cpp: its headers cost more to compile than a command does.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "schema/program/command_text.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sockwitness::schema {

// One option or positional word of a command. A handle: valid as long as its grammar.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option excludes(Option other) const;
  Option needs(Option other) const;
  Option required() const;
  // Of a list: not all the words that follow it, but one each time.
  Option one_word_each() const;
  [[nodiscard]] bool was_given() const;

 private:
  CLI::Option* option_;
};

// One command, or the program itself. A handle: valid as long as its grammar. Names are as CLI11
// has them: "-q,--quiet", or "NAME" for a positional word. Targets outlive the reading.
class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command add_command(const char* name, const char* help) const;
  Option add_flag(const char* names, bool& target, const char* help) const;
  // `type` is what the help calls the value.
  Option add_option(const char* names,
                    std::string& target,
                    const char* type,
                    const char* help) const;
  Option add_option(const char* names,
                    std::optional<std::string>& target,
                    const char* type,
                    const char* help) const;
  Option add_option(const char* names,
                    std::size_t& target,
                    const char* type,
                    const char* help) const;
  // May be given several times, and takes all the words that follow it. A positional word may be
  // left out.
  Option add_list(const char* names,
                  std::vector<std::string>& target,
                  const char* type,
                  const char* help) const;
  void set_footer(std::string text) const;
  // At most one of its commands may be named; options of the program are understood after it.
  void take_one_command() const;
  void on_named(std::function<void()> act) const;
  [[nodiscard]] std::vector<std::string> command_names() const;

 private:
  CLI::App* app_;
};

struct Reading {
  std::optional<std::string> help;    // asked for: nothing else counts
  std::vector<std::string> commands;  // of the program, as named; a caller decides how many may be
  std::vector<std::string> acts;      // commands of the first of them, as named
};

class Grammar {
 public:
  Grammar(const char* program, const char* help);
  ~Grammar();
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;

  [[nodiscard]] Command program() const;
  // "help COMMAND" is "COMMAND --help". Throws Error with ExitCode::Usage. Once only.
  [[nodiscard]] Reading read(std::span<char*> arguments);
  // All that the help texts say.
  [[nodiscard]] CommandText describe() const;

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace sockwitness::schema
