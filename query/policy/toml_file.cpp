#include "query/policy/toml_file.h"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "query/policy/toml_table.h"
#include "schema/base/error.h"
#include "schema/base/escape.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

// Dots outside of texts and comments: each may lead into another table.
std::size_t count_steps(std::string_view line) {
  std::size_t steps = 0;
  char quote = '\0';
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char letter = line[at];
    if (quote != '\0') {
      at += quote == '"' && letter == '\\' ? 1 : 0;
      quote = letter == quote ? '\0' : quote;
    } else if (letter == '"' || letter == '\'') {
      quote = letter;
    } else if (letter == '#') {
      break;
    }
    steps += letter == '.' && quote == '\0' ? 1 : 0;
  }
  return steps;
}

// The library limits how deep lists lie in each other, but not how deep a.b.c leads: it follows
// each step with a call of its own, until the stack ends.
void refuse_deep_keys(const std::string& source, std::string_view text) {
  constexpr std::size_t kMost = 256;
  for (std::size_t line = 1; !text.empty(); ++line) {
    if (count_steps(schema::scan_until(text, '\n')) > kMost) {
      throw schema::Error(
          schema::ExitCode::Usage,
          fmt::format("reading '{}:{}:1': a key of more than {} parts", source, line, kMost));
    }
  }
}

toml::table parse(const std::string& source, std::string_view text) {
  // The library's own message for this names neither line nor byte.
  if (!schema::is_utf8(text)) {
    throw schema::Error(schema::ExitCode::Usage,
                        fmt::format("reading '{}': not UTF-8, as TOML has to be", source),
                        "save the file as UTF-8");
  }
  refuse_deep_keys(source, text);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const TomlPlace place = toml_place_of(error.source());
    throw schema::Error(
        schema::ExitCode::Usage,
        fmt::format(
            "reading '{}:{}:{}': no TOML: {}", source, place.line, place.column, error.what()),
        "the format is that of https://toml.io");
  }
}

}  // namespace

TomlFile::TomlFile(std::string source, std::string_view text)
    : source_(std::move(source)),
      text_(text),
      root_(std::make_unique<const toml::table>(parse(source_, text_))) {
}
TomlFile::~TomlFile() = default;

TomlTable TomlFile::root() const {
  return {*this, *root_, {}};
}

// A newline directly after three opening quotes does not belong to the text.
// Source: TOML 1.0.0, "String".
std::uint32_t TomlFile::content_line(const toml::node& text) const {
  const TomlPlace place = toml_place_of(text.source());
  std::string_view rest = text_;
  std::string_view line = schema::scan_until(rest, '\n');
  for (std::uint32_t number = 1; number < place.line; ++number) {
    line = schema::scan_until(rest, '\n');
  }
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  line.remove_prefix(std::min<std::size_t>(line.size(), place.column - 1));
  return place.line + (line == "'''" || line == "\"\"\"" ? 1 : 0);
}

TomlPlace toml_place_of(const toml::source_region& region) {
  return {std::max(region.begin.line, 1U), std::max(region.begin.column, 1U)};
}

}  // namespace sockwitness::query
