// What an interpreter runs, told from its command line.
//
// In:    the path of the executable, the command line as in /proc/<pid>/cmdline, the working
// directory. Out:   the absolute path of the script; or "-m MODULE", or the main class, which have
// no path. Never: believes argv[0]: only the executable's own name makes an interpreter (and for
// the many
//        programs inside busybox, the applet's name).
#pragma once

#include <string>
#include <string_view>

namespace sockwitness::recorder {

// Empty where nothing is run from a file: inline code, standard input, no interpreter at all.
// A relative path is resolved against `working_directory` by text; it stays relative where that is
// empty. A program that overwrote its command line gives what it left there.
[[nodiscard]] std::string find_script(std::string_view program,
                                      std::string_view command_line,
                                      std::string_view working_directory);

}  // namespace sockwitness::recorder
