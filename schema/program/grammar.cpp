#include "schema/program/grammar.h"

#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/program/suggest.h"

namespace sockwitness::schema {
namespace {

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> names_of(const std::vector<CLI::App*>& commands) {
  return names_of(std::vector<const CLI::App*>(commands.begin(), commands.end()));
}

std::vector<std::string> known_commands(const CLI::App& app) {
  return names_of(app.get_subcommands([](const CLI::App*) { return true; }));
}

// Long names only: a wrong letter has no neighbour.
void add_known_options(const CLI::App& app, std::vector<std::string>& known) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      known.push_back("--" + name);
    }
  }
}

// The program, and the commands that were named on the way to the word: "rules", "show".
std::vector<const CLI::App*> path_of(const CLI::App& app) {
  std::vector<const CLI::App*> path{&app};
  while (true) {
    const auto chosen = path.back()->get_subcommands();
    if (chosen.empty()) {
      return path;
    }
    path.push_back(chosen.front());
  }
}

// CLI11 says that it did not understand; which word it was, and its neighbour, is said here.
Error translate(const CLI::App& app, const CLI::ParseError& failure) {
  const auto path = path_of(app);
  const std::string help =
      path.size() == 1 ? fmt::format("try: {} --help", app.get_name())
                       : fmt::format("try: {} {} --help", app.get_name(), path[1]->get_name());
  const auto rest = app.remaining(true);
  if (rest.empty()) {
    return {ExitCode::Usage, fmt::format("reading the command line: {}", failure.what()), help};
  }
  const std::string& word = rest.front();
  if (!word.starts_with('-')) {
    if (is_database_name(word)) {
      return database_as_word(
          word, path.size() == 1 ? app.get_name() : app.get_name() + " " + path[1]->get_name());
    }
    const auto known = known_commands(*path.back());
    return known.empty()
               ? Error(ExitCode::Usage, fmt::format("reading '{}': unexpected word", word), help)
               : unknown_word("the command", word, known);
  }
  std::vector<std::string> known;
  for (auto command = path.rbegin(); command != path.rend(); ++command) {
    add_known_options(**command, known);
  }
  const std::string nearest = nearest_word(word.substr(0, word.find('=')), known);
  return {ExitCode::Usage,
          fmt::format("reading '{}': unknown option", word),
          nearest.empty() ? help : fmt::format("did you mean '{}'?", nearest)};
}

template <typename Target>
Option add_typed(
    CLI::App& app, const char* names, Target& target, const char* type, const char* help) {
  return Option(app.add_option(names, target, help)->type_name(type));
}

}  // namespace

Option Option::excludes(Option other) const {
  option_->excludes(other.option_);
  return *this;
}

Option Option::needs(Option other) const {
  option_->needs(other.option_);
  return *this;
}

Option Option::required() const {
  option_->required();
  return *this;
}

Option Option::one_word_each() const {
  option_->allow_extra_args(false);
  return *this;
}

bool Option::was_given() const {
  return option_->count() > 0;
}

Command Command::add_command(const char* name, const char* help) const {
  return Command(app_->add_subcommand(name, help));
}

Option Command::add_flag(const char* names, bool& target, const char* help) const {
  return Option(app_->add_flag(names, target, help));
}

Option Command::add_option(const char* names,
                           std::string& target,
                           const char* type,
                           const char* help) const {
  return add_typed(*app_, names, target, type, help);
}

Option Command::add_option(const char* names,
                           std::optional<std::string>& target,
                           const char* type,
                           const char* help) const {
  return add_typed(*app_, names, target, type, help);
}

Option Command::add_option(const char* names,
                           std::size_t& target,
                           const char* type,
                           const char* help) const {
  return add_typed(*app_, names, target, type, help);
}

Option Command::add_list(const char* names,
                         std::vector<std::string>& target,
                         const char* type,
                         const char* help) const {
  CLI::Option* option = app_->add_option(names, target, help)->type_name(type);
  const bool positional = !std::string_view(names).starts_with('-');
  option->expected(positional ? 0 : 1, positional ? CLI::detail::expected_max_vector_size : 1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return Option(option);
}

void Command::set_footer(std::string text) const {
  app_->footer(std::move(text));
}

void Command::take_one_command() const {
  app_->require_subcommand(0, 1);
  app_->fallthrough();
}

void Command::on_named(std::function<void()> act) const {
  app_->callback(std::move(act));
}

std::vector<std::string> Command::command_names() const {
  return known_commands(*app_);
}

Grammar::Grammar(const char* program, const char* help)
    : app_(std::make_unique<CLI::App>(help, program)) {
  app_->fallthrough();
}

Grammar::~Grammar() = default;

Command Grammar::program() const {
  return Command(app_.get());
}

Reading Grammar::read(std::span<char*> arguments) {
  Reading reading;
  std::vector<char*> words(arguments.begin(), arguments.end());
  std::string help_option = "--help";
  if (words.size() > 1 && std::string_view(words[1]) == "help") {
    words.erase(words.begin() + 1);
    words.push_back(help_option.data());
  }
  try {
    app_->parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::CallForHelp&) {
    reading.help = app_->help();
    return reading;
  } catch (const CLI::ParseError& failure) {
    throw translate(*app_, failure);
  }
  const auto commands = app_->get_subcommands();
  reading.commands = names_of(commands);
  if (!commands.empty()) {
    reading.acts = names_of(commands.front()->get_subcommands());
  }
  return reading;
}

}  // namespace sockwitness::schema
