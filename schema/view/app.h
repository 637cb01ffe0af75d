// What a runtime runs, told from its command line.
//
// In:    the path of the executable, and the command line as in /proc/<pid>/cmdline.
// Out:   the words that name a file, a module, a class or an application object; the code itself
//        where it stands on the command line.
// Never: believes argv[0]: only the executable's own name makes a runtime (and for the many programs
//        inside busybox, the applet's name; for a program under wine, its Windows name).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "schema/model/service.h"

namespace sockwitness::schema {

struct App {
  enum class Kind {
    None,    // no runtime, or one that was given nothing to run
    File,    // `text`: the words that name it
    Name,    // `text`: "-m MODULE", a class, "-s MODULE": it lies nowhere
    Code,    // `text`: the code itself
    Input,   // code from standard input
    Titled,  // a title stands where the arguments were
    Listed   // `object`: the file that the arguments stand in
  };

  Kind kind = Kind::None;
  std::string text;
  // What a launcher was given to run ("gunicorn shop:app"); of a title, what it shows.
  std::string object;
  // Where a name is looked for, as the command line says it ("/srv/shop" of `--chdir`).
  std::string place;
};

[[nodiscard]] App find_app(std::string_view program, std::string_view command_line);

// Whether a program of this name runs what its command line names.
[[nodiscard]] bool is_runtime(std::string_view program);

// What an owner runs, as far as it tells two applications of one runtime apart.
struct AppIdentity {
  // The place of its script, "-m MODULE", a class, "-c CODE"; nothing: hidden by a title, or not
  // read. Empty for a program that is no runtime.
  std::optional<std::string> what;
  std::string object;  // of a launcher: "gunicorn shop:app"; empty: none, or not known
  std::string place;   // where a name is looked for; empty: not told

  friend bool operator==(const AppIdentity&, const AppIdentity&) = default;
};

[[nodiscard]] AppIdentity app_of(const Owner& owner);

// "-m shop" is "/srv/shop/__main__.py", "-m gunicorn" "/usr/bin/gunicorn", "/srv/shop" its
// "__main__.py": as far as the words tell.
[[nodiscard]] bool names_same_module(std::string_view left, std::string_view right);

}  // namespace sockwitness::schema
