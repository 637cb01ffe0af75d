#include "recorder/proc/interpreter.h"

#include <array>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

// Source: each interpreter's manual page, as of Debian 12.
constexpr std::array<Interpreter, 13> kInterpreters = {{
    {.names = "python pypy",
     .short_inline = "c",
     .short_module = "m",
     .short_value = "WXQ",
     .long_value = "--check-hash-based-pycs"},
    {.names = "perl", .short_inline = "eE", .short_value = "I", .short_rest = "CDFMdimVx"},
    {.names = "ruby",
     .short_inline = "e",
     .short_value = "IrCXE",
     .long_value = "--encoding --external-encoding --internal-encoding --enable --disable",
     .short_rest = "0FKTWix"},
    {.names = "node nodejs",
     .short_inline = "ep",
     .long_inline = "--eval --print --interactive",
     .short_value = "rC",
     .long_value = "--require --import --loader --experimental-loader --conditions --input-type "
                   "--title --icu-data-dir --openssl-config --diagnostic-dir --env-file "
                   "--inspect-port --debug-port --max-http-header-size --redirect-warnings "
                   "--report-directory --report-filename --trace-event-categories "
                   "--unhandled-rejections --dns-result-order --disable-warning",
     .subcommands = "inspect debug"},
    {.names = "php php-cgi phpdbg",
     .short_inline = "rRBE",
     .long_inline = "--run --process-code --process-begin --process-end",
     .short_script = "fF",
     .long_script = "--file --process-file",
     .short_value = "Stcdzbp",
     .long_value = "--server --docroot --php-ini --define --zend-extension --bindpath"},
    {.names = "sh dash bash bash-static rbash zsh zsh-static ksh mksh lksh ash static-sh",
     .short_inline = "cs",
     .long_value = "--rcfile --init-file",
     .short_next = "oO",
     .plus_options = true},
    {.names = "fish",
     .short_inline = "c",
     .long_inline = "--command",
     .short_value = "Cdo",
     .long_value = "--init-command --debug --debug-output --features"},
    {.names = "lua luajit", .short_value = "eljbO"},
    {.names = "tclsh wish",
     .long_value = "-encoding -display -name -geometry -colormap -use -visual",
     .words = true},
    // Rscript replaces itself by R, which it tells the script by an option.
    {.names = "R",
     .short_inline = "e",
     .long_inline = "--args",
     .short_script = "f",
     .long_script = "--file",
     .short_value = "gd",
     .long_value = "--gui --debugger --encoding",
     .named_only = true},
    {.names = "Rscript", .short_inline = "e"},
    {.names = "java",
     .long_module = "-m --module",
     .long_script = "-jar",
     .long_value = "-cp -classpath --class-path -p --module-path --upgrade-module-path "
                   "--add-modules --add-reads --add-exports --add-opens --limit-modules "
                   "--patch-module --enable-native-access --source -d --describe-module",
     .words = true,
     .argument_files = true,
     .bare_is_name = true},
    {.names = "expect", .short_inline = "c", .short_script = "fb", .short_value = "D"},
}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "", "3.11", "-2.1.0-beta3", "8.2": what may follow the name.
bool is_version(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    return !text.empty() && is_digit(text.front());
  }
  return text.empty() || is_digit(text.front());
}

}  // namespace

const Interpreter* find_interpreter(std::string_view base_name) {
  for (const auto& interpreter : kInterpreters) {
    for (std::string_view names = interpreter.names; !names.empty();) {
      std::string_view rest = base_name;
      if (schema::scan_literal(rest, schema::scan_until(names, ' ')) && is_version(rest)) {
        return &interpreter;
      }
    }
  }
  return nullptr;
}

}  // namespace sockwitness::recorder
