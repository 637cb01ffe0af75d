#include "schema/program/command_text.h"

#include <CLI/CLI.hpp>

#include "schema/program/grammar.h"

namespace sockwitness::schema {
namespace {

OptionText describe_option(const CLI::Option& option) {
  OptionText text;
  for (const std::string& name : option.get_snames()) {
    text.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    text.names.push_back("--" + name);
  }
  text.word = option.get_name(true, false);
  if (option.get_items_expected_max() > 0) {
    text.value = option.get_type_name();
  }
  if (!text.names.empty()) {
    text.word.clear();
  }
  text.help = option.get_description();
  text.required = option.get_required();
  text.repeats = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  return text;
}

CommandText describe_command(const CLI::App& app) {
  CommandText text;
  text.name = app.get_name();
  text.help = app.get_description();
  text.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    text.options.push_back(describe_option(*option));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    text.commands.push_back(describe_command(*command));
  }
  return text;
}

}  // namespace

CommandText Grammar::describe() const {
  return describe_command(*app_);
}

}  // namespace sockwitness::schema
