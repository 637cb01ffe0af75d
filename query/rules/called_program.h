// Which program runs where the executable is only the way to it: busybox, the dynamic loader.
//
// In:    the base name of an executable, the arguments of the process.
// Out:   the argument that names the program, and where the program's own arguments begin.
// Never: says that a program is what it is called.
#pragma once

#include <cstddef>
#include <string_view>

#include "query/rules/invocation.h"

namespace sockwitness::query {

struct CalledProgram {
  std::string_view name;  // an applet's name, or what the loader was given; else empty
  std::size_t first = 1;  // the first argument behind the program's own name
};

// "ld-linux-x86-64.so.2 --preload x /usr/bin/bash -i" calls /usr/bin/bash. `at` is where the
// loader's own arguments begin.
[[nodiscard]] CalledProgram find_loaded(const Arguments& arguments, std::size_t at = 1);

// "busybox sh -i" and "sh -i" call sh. `at` is the position of busybox's own name.
[[nodiscard]] CalledProgram find_applet(const Arguments& arguments, std::size_t at = 0);

}  // namespace sockwitness::query
