# Turns text files into one header of string constants; run with cmake -P as a build step, so that a changed file
# is embedded anew.
#
# OUTPUT: the header. NAMESPACE: of the constants. FILES: paths, separated by commas. A file load_socket.sql becomes
# kLoadSocket.
string(REPLACE "," ";" FILES "${FILES}")
set(text "// Made from the files beside their owner by schema/disk/embed_text.cmake.\n#pragma once\n\n#include <string_view>\n\nnamespace ${NAMESPACE} {\n")
foreach(file IN LISTS FILES)
  get_filename_component(stem "${file}" NAME_WE)
  string(REPLACE "_" ";" words "${stem}")
  set(name "k")
  foreach(word IN LISTS words)
    string(SUBSTRING "${word}" 0 1 first)
    string(SUBSTRING "${word}" 1 -1 rest)
    string(TOUPPER "${first}" first)
    string(APPEND name "${first}${rest}")
  endforeach()
  file(READ "${file}" content)
  string(APPEND text "\ninline constexpr std::string_view ${name} = R\"embedded(${content})embedded\";\n")
endforeach()
string(APPEND text "\n}  // namespace ${NAMESPACE}\n")
file(WRITE "${OUTPUT}" "${text}")
