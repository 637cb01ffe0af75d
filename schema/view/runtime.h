// The runtimes and launchers that are known, and how each is given what to run.
//
// In:    the base name of an executable ("python3.11", "dash", "java"), or of a script that launches
//        an application ("gunicorn").
// Out:   its row of the table.
// Never: matches a longer word that only begins alike: "node_exporter" is no node.
#pragma once

#include <string_view>

namespace sockwitness::schema {

// Letters are those of clustered short options; words are separated by blanks, with their dashes.
struct Runtime {
  std::string_view names = {};  // base names, without version
  // Code follows: attached or as the next argument.
  std::string_view short_code = {};
  std::string_view long_code = {};
  bool flags_after_code = false;  // the rest of the cluster are flags: "sh -ce CODE"
  bool file_after_code = false;   // a file may follow, and is run as well: "lua -e CODE FILE"
  // Standard input is read, or nothing is run.
  std::string_view short_input = {};
  std::string_view long_input = {};
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
  // Words after which a name follows ("deno task start"), or code ("deno eval CODE").
  std::string_view name_commands = {};
  std::string_view code_commands = {};
  bool words = false;           // single-dash options are words: "-classpath"
  bool plus_options = false;    // "+x" is an option
  bool argument_files = false;  // "@file" stands for more options
  bool named_only = false;      // only an option names what is run
  bool bare_is_name = false;    // an argument without dash is a name (a class), not a path
  // Only words with one of these ends are files that it runs: "dotnet build" runs none.
  std::string_view suffixes = {};
  bool by_own_name = false;  // argv[0] is what is run, where it has one of the suffixes
  bool applets = false;      // argv[0], or the first argument, says which of its programs it is
  // The options of long_module are searched in the whole line, the first of them first; values
  // that are among the subcommands are passed over. Then a word with one of the suffixes is.
  bool whole_line = false;
  bool disks = false;  // of values that describe a disk the file alone counts
  // Options that name what is run where nothing else does: a configuration that does.
  std::string_view long_fallback = {};
  // Options whose value says where a name is looked for; "-Dname=" with the value in the same word.
  std::string_view long_place = {};
};

// A version after the name is allowed ("perl5.36.0", "luajit-2.1"). Null for everything else.
[[nodiscard]] const Runtime* find_runtime(std::string_view base_name);
// A script, module or class that a runtime runs, and that is given an application of its own; an
// end such as ".js" is no part of its name. Null for all others.
[[nodiscard]] const Runtime* find_launcher(std::string_view base_name);

// How a launcher or an application server shows in its title what it runs.
struct TitleForm {
  std::string_view launcher = {};
  std::string_view begin = {};
  std::string_view open = {};   // the last of it comes before the name; empty: the name follows
  std::string_view close = {};  // comes after the name; empty: the name is the rest
};

// The form that the title has; null for any other text.
[[nodiscard]] const TitleForm* find_title_form(std::string_view title);

}  // namespace sockwitness::schema
