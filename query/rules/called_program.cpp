#include "query/rules/called_program.h"

#include <algorithm>
#include <array>

#include "query/rules/path_words.h"
#include "query/rules/program_kind.h"

namespace sockwitness::query {
namespace {

// Source: ld.so(8), and musl's ldso.
bool takes_value(std::string_view option) {
  constexpr auto kOptions = std::to_array<std::string_view>({"--library-path",
                                                             "--inhibit-rpath",
                                                             "--audit",
                                                             "--preload",
                                                             "--argv0",
                                                             "--glibc-hwcaps-prepend",
                                                             "--glibc-hwcaps-mask"});
  return std::find(kOptions.begin(), kOptions.end(), option) != kOptions.end();
}

// A login shell's name begins with a dash.
std::string_view applet_name(std::string_view argument) {
  std::string_view name = base_name(argument);
  if (name.starts_with('-')) {
    name.remove_prefix(1);
  }
  return name;
}

}  // namespace

CalledProgram find_loaded(const Arguments& arguments, std::size_t at) {
  while (at < arguments.size() && arguments[at].starts_with("--")) {
    at += takes_value(arguments[at]) ? 2U : 1U;
  }
  return at < arguments.size() ? CalledProgram{arguments[at], at + 1} : CalledProgram{};
}

CalledProgram find_applet(const Arguments& arguments, std::size_t at) {
  if (at >= arguments.size()) {
    return {};
  }
  const std::string_view applet = applet_name(arguments[at]);
  if (is_busybox(applet) && at + 1 < arguments.size()) {
    return {arguments[at + 1], at + 2};
  }
  return {applet, at + 1};
}

}  // namespace sockwitness::query
