#include "recorder/proc/environ.h"

#include <algorithm>
#include <array>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

// How a variable names code: by folders or files with colons between them, or among options.
enum class Form { Paths, Options, JavaOptions };

struct CodeVariable {
  std::string_view name;
  Form form = Form::Paths;
};

// Source: ld.so(8), bash(1), and the manuals of python, perl, ruby, node and java.
constexpr auto kCodeVariables =
    std::to_array<CodeVariable>({{"LD_LIBRARY_PATH=", Form::Paths},
                                 {"GCONV_PATH=", Form::Paths},
                                 {"BASH_ENV=", Form::Paths},
                                 {"PYTHONPATH=", Form::Paths},
                                 {"PYTHONHOME=", Form::Paths},
                                 {"PYTHONSTARTUP=", Form::Paths},
                                 {"PERL5LIB=", Form::Paths},
                                 {"RUBYLIB=", Form::Paths},
                                 {"NODE_PATH=", Form::Paths},
                                 {"PERL5OPT=", Form::Options},
                                 {"RUBYOPT=", Form::Options},
                                 {"NODE_OPTIONS=", Form::Options},
                                 {"JAVA_TOOL_OPTIONS=", Form::JavaOptions},
                                 {"JDK_JAVA_OPTIONS=", Form::JavaOptions},
                                 {"_JAVA_OPTIONS=", Form::JavaOptions}});

bool loads_code(std::string_view option, Form form) {
  constexpr auto kJava =
      std::to_array<std::string_view>({"-javaagent:", "-agentpath:", "-Xbootclasspath"});
  constexpr auto kOthers = std::to_array<std::string_view>(
      {"-r", "-I", "-M", "--require", "--import", "--loader", "--experimental-loader"});
  const auto begins = [&](std::string_view word) { return option.starts_with(word); };
  return form == Form::JavaOptions ? std::any_of(kJava.begin(), kJava.end(), begins)
                                   : std::any_of(kOthers.begin(), kOthers.end(), begins);
}

// Absolute paths alone: what else an option says may be a secret.
void keep_path(std::string_view path, std::string& kept) {
  const std::string_view whole = path.substr(0, path.find_first_of("=,;"));
  if (whole.starts_with('/') && !whole.starts_with("//")) {
    kept.append(kept.empty() ? "" : ":").append(whole);
  }
}

std::string paths_of(std::string_view value, Form form) {
  std::string kept;
  bool awaited = false;  // by the option before
  while (!value.empty()) {
    const std::string_view word = schema::scan_until(value, form == Form::Paths ? ':' : ' ');
    if (form == Form::Paths || awaited) {
      keep_path(word, kept);
      awaited = false;
    } else if (loads_code(word, form)) {
      const auto path = word.find('/');
      awaited = path == std::string_view::npos;
      keep_path(awaited ? std::string_view() : word.substr(path), kept);
    }
  }
  return kept;
}

}  // namespace

std::string parse_preload(std::string_view environ) {
  std::string kept;
  while (!environ.empty()) {
    const std::string_view variable = schema::scan_until(environ, '\0');
    std::string_view value = variable;
    if (schema::scan_literal(value, "LD_PRELOAD=") || schema::scan_literal(value, "LD_AUDIT=")) {
      if (!value.empty()) {
        kept.append(variable).push_back('\0');
      }
      continue;
    }
    for (const CodeVariable& known : kCodeVariables) {
      if (schema::scan_literal(value, known.name)) {
        const std::string paths = paths_of(value, known.form);
        if (!paths.empty()) {
          kept.append(known.name).append(paths).push_back('\0');
        }
        break;
      }
    }
  }
  return kept;
}

bool cut_preload(std::string& preload) {
  if (preload.size() <= kLongestPreload) {
    return false;
  }
  // Names end in a blank or a colon, the last one of a variable in NUL; "NAME=" is no name.
  const std::string_view kept(preload.data(), kLongestPreload);
  const auto end = kept.find_last_of(std::string_view(" :\0", 3));
  preload.resize(end == std::string_view::npos ? 0 : end);
  if (!preload.empty()) {
    preload.push_back('\0');
  }
  return true;
}

}  // namespace sockwitness::recorder
