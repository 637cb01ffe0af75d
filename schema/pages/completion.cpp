#include "schema/pages/completion.h"

#include <algorithm>

namespace sockwitness::schema {
namespace {

void add_places(const CommandText& command,
                const std::string& path,
                const std::vector<OptionText>& inherited,
                std::vector<CompletionPlace>& places) {
  CompletionPlace place{path, &command, {}, {}};
  for (const OptionText& option : command.options) {
    (option.names.empty() ? place.words : place.options).push_back(option);
  }
  // An option of the command hides one of the program.
  for (const OptionText& option : inherited) {
    const bool hidden =
        std::any_of(place.options.begin(), place.options.end(), [&](const OptionText& own) {
          return own.names.back() == option.names.back();
        });
    if (!hidden) {
      place.options.push_back(option);
    }
  }
  const std::vector<OptionText> options = place.options;
  places.push_back(std::move(place));
  for (const CommandText& below : command.commands) {
    add_places(below, path.empty() ? below.name : path + " " + below.name, options, places);
  }
}

}  // namespace

std::vector<CompletionPlace> completion_places(const CommandText& program) {
  std::vector<CompletionPlace> places;
  add_places(program, {}, {}, places);
  return places;
}

std::string function_name(const CommandText& program) {
  std::string name = program.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace sockwitness::schema
