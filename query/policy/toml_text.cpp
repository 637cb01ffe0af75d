#include "query/policy/toml_text.h"

#include <algorithm>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "schema/base/error.h"
#include "schema/base/escape.h"

namespace sockwitness::query {
namespace {

using Lines = std::vector<std::string_view>;

Lines split_lines(std::string_view text) {
  Lines lines;
  while (true) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return lines;
    }
    text.remove_prefix(end + 1);
  }
}

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
void refuse_deep_keys(std::string_view source, const Lines& lines) {
  constexpr std::size_t kMost = 256;
  for (std::size_t at = 0; at < lines.size(); ++at) {
    if (count_steps(lines[at]) > kMost) {
      throw schema::Error(
          schema::ExitCode::Usage,
          fmt::format("reading '{}:{}:1': a key of more than {} parts", source, at + 1, kMost));
    }
  }
}

TomlPlace place_of(const toml::source_region& region) {
  return {std::max(region.begin.line, 1U), std::max(region.begin.column, 1U)};
}

// A newline directly after three opening quotes does not belong to the text.
// Source: TOML 1.0.0, "String".
bool begins_on_next_line(const Lines& lines, TomlPlace place) {
  if (place.line > lines.size()) {
    return false;
  }
  std::string_view line = lines[place.line - 1];
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  line.remove_prefix(std::min<std::size_t>(line.size(), place.column - 1));
  return line == "'''" || line == "\"\"\"";
}

TomlValue convert(const toml::node& node, const Lines& lines);

void convert_table(const toml::table& table, const Lines& lines, TomlValue& value) {
  value.kind = TomlKind::Table;
  std::vector<std::pair<TomlKey, const toml::node*>> entries;
  for (const auto& [key, node] : table) {
    entries.push_back({{std::string(key.str()), place_of(key.source())}, &node});
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto& left, const auto& right) {
    return left.first.place < right.first.place;
  });
  for (auto& [key, node] : entries) {
    value.keys.push_back(std::move(key));
    value.items.push_back(convert(*node, lines));
  }
}

TomlValue convert(const toml::node& node, const Lines& lines) {
  TomlValue value;
  value.place = place_of(node.source());
  switch (node.type()) {
    case toml::node_type::string:
      value.kind = TomlKind::Text;
      value.text = node.as_string()->get();
      value.text_line = value.place.line + (begins_on_next_line(lines, value.place) ? 1 : 0);
      break;
    case toml::node_type::integer:
      value.kind = TomlKind::Integer;
      value.integer = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      value.kind = TomlKind::Fraction;
      break;
    case toml::node_type::boolean:
      value.kind = TomlKind::Flag;
      value.flag = node.as_boolean()->get();
      break;
    case toml::node_type::date: {
      const toml::date& date = node.as_date()->get();
      value.kind = TomlKind::Date;
      value.date = {
          std::chrono::year(date.year), std::chrono::month(date.month), std::chrono::day(date.day)};
      break;
    }
    case toml::node_type::array:
      value.kind = TomlKind::List;
      for (const toml::node& element : *node.as_array()) {
        value.items.push_back(convert(element, lines));
      }
      break;
    case toml::node_type::table:
      convert_table(*node.as_table(), lines, value);
      break;
    default:
      value.kind = TomlKind::Time;
      break;
  }
  return value;
}

}  // namespace

TomlValue parse_toml(std::string_view source, std::string_view text) {
  // The library's own message for this names neither line nor byte.
  if (!schema::is_utf8(text)) {
    throw schema::Error(schema::ExitCode::Usage,
                        fmt::format("reading '{}': not UTF-8, as TOML has to be", source),
                        "save the file as UTF-8");
  }
  const Lines lines = split_lines(text);
  refuse_deep_keys(source, lines);
  try {
    return convert(toml::parse(text), lines);
  } catch (const toml::parse_error& error) {
    const TomlPlace place = place_of(error.source());
    throw schema::Error(
        schema::ExitCode::Usage,
        fmt::format(
            "reading '{}:{}:{}': no TOML: {}", source, place.line, place.column, error.what()),
        "the format is that of https://toml.io");
  }
}

}  // namespace sockwitness::query
