#include "recorder/proc/host_facts.h"

#include <algorithm>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

std::string_view without_newline(std::string_view text) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

std::optional<std::string> parse_boot_id(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  text = without_newline(text);
  const bool fits =
      std::equal(text.begin(), text.end(), kShape.begin(), kShape.end(), [](char c, char expected) {
        return expected == '-' ? c == '-' : schema::is_hex_digit(c);
      });
  return fits ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::string> parse_machine_id(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  text = without_newline(text);
  if (text.size() != kDigits || !std::all_of(text.begin(), text.end(), schema::is_hex_digit)) {
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<std::pair<schema::Port, schema::Port>> parse_port_range(std::string_view text) {
  text = without_newline(text);
  const auto first = schema::scan_number<std::uint16_t>(text);
  const std::size_t before = text.size();
  schema::skip_blanks(text);
  const bool separated = text.size() < before;
  const auto last = schema::parse_number<std::uint16_t>(text);
  if (!first || !separated || !last || *first > *last) {
    return std::nullopt;
  }
  return std::pair(schema::Port(*first), schema::Port(*last));
}

std::optional<schema::Port> parse_port(std::string_view text) {
  const auto port = schema::parse_number<std::uint16_t>(without_newline(text));
  return port ? std::optional(schema::Port(*port)) : std::nullopt;
}

}  // namespace sockwitness::recorder
