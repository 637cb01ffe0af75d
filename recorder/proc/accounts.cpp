#include "recorder/proc/accounts.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

// "name:password:id:…" with at least `fields` fields. NIS lines ("+name::…") are no names.
std::optional<std::pair<std::string_view, std::uint32_t>> parse_line(std::string_view line,
                                                                     std::ptrdiff_t fields) {
  if (std::count(line.begin(), line.end(), ':') + 1 < fields || line.front() == '#' ||
      line.front() == '+' || line.front() == '-') {
    return std::nullopt;
  }
  const std::string_view name = schema::scan_until(line, ':');
  (void)schema::scan_until(line, ':');
  const auto id = schema::parse_number<std::uint32_t>(schema::scan_until(line, ':'));
  if (name.empty() || !id) {
    return std::nullopt;
  }
  return std::pair(name, *id);
}

template <class Name, class Id>
std::vector<Name> parse_names(std::string_view text, std::ptrdiff_t fields) {
  std::vector<Name> names;
  std::unordered_set<std::uint32_t> seen;
  while (!text.empty()) {
    const std::string_view line = schema::scan_until(text, '\n');
    if (line.empty()) {
      continue;
    }
    const auto entry = parse_line(line, fields);
    if (entry && seen.insert(entry->second).second) {
      names.push_back({Id(entry->second), std::string(entry->first)});
    }
  }
  return names;
}

}  // namespace

std::vector<schema::UserName> parse_passwd(std::string_view text) {
  constexpr std::ptrdiff_t kFields = 7;
  return parse_names<schema::UserName, schema::Uid>(text, kFields);
}

std::vector<schema::GroupName> parse_group(std::string_view text) {
  constexpr std::ptrdiff_t kFields = 4;
  return parse_names<schema::GroupName, schema::Gid>(text, kFields);
}

}  // namespace sockwitness::recorder
