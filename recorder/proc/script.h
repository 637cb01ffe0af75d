// Where the file lies that a runtime was told to run.
//
// In:    the path of the executable, the command line as in /proc/<pid>/cmdline, the working
//        directory.
// Out:   the words that name the script, and where it would lie; or "-m MODULE", or the main class,
//        which lie nowhere.
// Never: believes argv[0]: only the executable's own name makes an interpreter (and for the many
//        programs inside busybox, the applet's name).
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::recorder {

struct ScriptName {
  std::string said;   // as on the command line, without "." and doubled slashes
  std::string place;  // absolute, ".." as they were said; empty: nowhere to look
  bool relative = false;
};

// Empty where nothing is run from a file: inline code, standard input, no interpreter at all.
// A relative path lies below `working_directory`, unless that is unknown or "/": a daemon that has
// gone there was started elsewhere. A program that overwrote its command line gives what it left
// there.
[[nodiscard]] ScriptName find_script(std::string_view program,
                                     std::string_view command_line,
                                     std::string_view working_directory);

// "/a/../b" is "/b": right unless "/a" is a link.
[[nodiscard]] std::string plain_path(std::string_view path);

}  // namespace sockwitness::recorder
