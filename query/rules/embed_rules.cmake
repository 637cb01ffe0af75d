# Turns the rule files into one header; run with cmake -P as a build step, so that a changed file is embedded anew.
#
# OUTPUT: the header. FILES: paths, separated by commas.
string(REPLACE "," ";" FILES "${FILES}")
list(LENGTH FILES count)
set(text "// Made from the rule files by query/rules/embed_rules.cmake.\n#pragma once\n\n#include <array>\n#include <string_view>\n#include <utility>\n\nnamespace sockwitness::query::builtin {\n\ninline constexpr std::array<std::pair<std::string_view, std::string_view>, ${count}> kRules{{\n")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" content)
  string(APPEND text "    {\"${name}\", R\"embedded(${content})embedded\"},\n")
endforeach()
string(APPEND text "}};\n\n}  // namespace sockwitness::query::builtin\n")
file(WRITE "${OUTPUT}" "${text}")
