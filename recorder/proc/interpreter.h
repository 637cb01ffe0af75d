// The interpreters that the recorder knows, and how each reads its command line up to the script.
//
// In:    the base name of an executable: "python3.11", "dash", "java".
// Out:   its row of the table.
// Never: matches a longer word that only begins alike: "node_exporter" is no node.
#pragma once

#include <string_view>

namespace sockwitness::recorder {

// Letters are those of clustered short options; words are separated by blanks, with their dashes.
struct Interpreter {
  std::string_view names = {};  // base names, without version
  // Code follows, or standard input is read: there is no script.
  std::string_view short_inline = {};
  std::string_view long_inline = {};
  // A module, or the script, follows: attached or as the next argument.
  std::string_view short_module = {};
  std::string_view long_module = {};
  std::string_view short_script = {};
  std::string_view long_script = {};
  // A value follows: attached or as the next argument.
  std::string_view short_value = {};
  std::string_view long_value = {};
  // The next argument is a value, whatever the rest of the cluster says.
  std::string_view short_next = {};
  // The rest of the cluster is a value, never the next argument.
  std::string_view short_rest = {};
  std::string_view subcommands = {};  // words before the script that are no script
  bool words = false;                 // single-dash options are words: "-classpath"
  bool plus_options = false;          // "+x" is an option
  bool argument_files = false;        // "@file" stands for more options
  bool named_only = false;            // only an option names the script
  bool bare_is_name = false;          // an argument without dash is a name (a class), not a path
};

// A version after the name is allowed ("perl5.36.0", "luajit-2.1"). Null for everything else.
[[nodiscard]] const Interpreter* find_interpreter(std::string_view base_name);

}  // namespace sockwitness::recorder
