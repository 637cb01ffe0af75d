// Arguments that a process chose for itself: how it was called, what it was told to do.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "query/rules/called_program.h"
#include "query/rules/invocation.h"
#include "query/rules/path_words.h"
#include "query/rules/program_kind.h"
#include "query/rules/shell_text.h"
#include "schema/view/command_line.h"
#include "schema/view/docker_proxy.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const query::Arguments arguments = schema::split_arguments(bytes, std::nullopt);
  std::size_t together = 0;
  for (const std::string_view argument : arguments) {
    together += argument.size() + 1;
    const std::string_view name = query::base_name(argument);
    require(name.find('/') == std::string_view::npos && argument.ends_with(name));
    (void)query::find_kind(name);
    (void)query::place_of(argument);
    (void)query::hidden_component(argument);
    (void)query::sources_input(argument);
    (void)query::evaluates_input(argument);
    (void)query::is_descriptor(argument);
  }
  require(together == size || together == size + 1);
  for (std::size_t at = 0; at < 3; ++at) {
    for (const auto& called :
         {query::find_loaded(arguments, at), query::find_applet(arguments, at)}) {
      require(called.name.empty() || called.first <= arguments.size());
    }
  }
  for (const std::string_view family :
       {"bash", "fish", "csh", "elvish", "rc", "python", "perl", "ruby",  "node",  "php",
        "lua",  "tcl",  "awk", "expect", "R",  "java",   "gdb",  "guile", "julia", "nobody"}) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
      const auto invocation = query::read_invocation(family, arguments, first);
      require(invocation.inline_code.size() <= size + arguments.size());
      require(!invocation.bare || invocation.obeys);
    }
  }
  (void)schema::parse_docker_proxy(bytes);
  const schema::LongText shortened{size + 1, std::string(32, 'd'), size / 2};
  const std::string text = schema::command_line_text(bytes, shortened);
  require(text.find('\0') == std::string::npos);
  require(schema::split_arguments(bytes, shortened).size() <= arguments.size() + 1);
  return 0;
}
