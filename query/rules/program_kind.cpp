#include "query/rules/program_kind.h"

#include <array>

#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

struct ProgramFamily {
  std::string_view names;  // separated by blanks; the first one names the family
  Kind kind = Kind::Shell;
};

constexpr auto kFamilies = std::to_array<ProgramFamily>({
    {"bash rbash bash-static", Kind::Shell},
    {"dash", Kind::Shell},
    {"sh static-sh", Kind::Shell},
    {"zsh zsh-static", Kind::Shell},
    {"ksh mksh lksh pdksh oksh mksh-static", Kind::Shell},
    {"ash hush", Kind::Shell},
    {"fish", Kind::Shell},
    {"csh tcsh bsd-csh", Kind::Shell},
    {"yash posh", Kind::Shell},
    {"rc rc.byron es", Kind::Shell},
    {"elvish nu pwsh", Kind::Shell},
    {"python pypy", Kind::Interpreter},
    {"perl", Kind::Interpreter},
    {"ruby", Kind::Interpreter},
    {"node nodejs deno bun", Kind::Interpreter},
    {"php php-cgi phpdbg", Kind::Interpreter},
    {"lua luajit texlua", Kind::Interpreter},
    {"tcl tclsh wish", Kind::Interpreter},
    {"awk gawk mawk original-awk", Kind::Interpreter},
    {"expect", Kind::Interpreter},
    {"R Rscript", Kind::Interpreter},
    {"java", Kind::Interpreter},
    {"gdb", Kind::Interpreter},
    {"guile", Kind::Interpreter},
    {"julia", Kind::Interpreter},
    {"netcat nc nc.openbsd nc.traditional ncat cryptcat", Kind::Relay},
    {"socat", Kind::Relay},
    {"telnet inetutils-telnet telnet-ssl telnet.netkit", Kind::Relay},
    {"telnetd in.telnetd", Kind::Relay},
    {"openssl", Kind::Relay},
});

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

// "", "3.11", "-2.1.0-beta3"
bool is_version(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    return !text.empty() && is_digit(text.front());
  }
  return text.empty() || is_digit(text.front());
}

bool bears(std::string_view base_name, std::string_view names) {
  while (!names.empty()) {
    std::string_view rest = base_name;
    if (schema::scan_literal(rest, schema::scan_until(names, ' ')) && is_version(rest)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<ProgramKind> find_kind(std::string_view base_name) {
  for (const ProgramFamily& family : kFamilies) {
    if (bears(base_name, family.names)) {
      return ProgramKind{family.kind, family.names.substr(0, family.names.find(' '))};
    }
  }
  return std::nullopt;
}

bool is_busybox(std::string_view base_name) {
  return base_name == "busybox" || base_name == "busybox.static";
}

bool is_loader(std::string_view base_name) {
  const bool named = base_name.starts_with("ld-") || base_name.starts_with("ld.") ||
                     base_name.starts_with("ld64.");
  return named && base_name.find(".so") != std::string_view::npos;
}

std::string_view kind_word(Kind kind) {
  switch (kind) {
    case Kind::Shell:
      return "shell";
    case Kind::Interpreter:
      return "interpreter";
    case Kind::Relay:
      break;
  }
  return "relay";
}

}  // namespace sockwitness::query
