#include "recorder/proc/accounts.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

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

// At most `most` names of one id.
template <class Name, class Id>
std::vector<Name> parse_names(std::string_view text, std::ptrdiff_t fields, std::size_t most) {
  std::vector<Name> names;
  std::unordered_map<std::uint32_t, std::vector<std::string_view>> seen;
  while (!text.empty()) {
    const std::string_view line = schema::scan_until(text, '\n');
    if (line.empty()) {
      continue;
    }
    const auto entry = parse_line(line, fields);
    if (!entry) {
      continue;
    }
    auto& known = seen[entry->second];
    if (known.size() < most && std::find(known.begin(), known.end(), entry->first) == known.end()) {
      known.push_back(entry->first);
      names.push_back({Id(entry->second), std::string(entry->first)});
    }
  }
  return names;
}

}  // namespace

std::vector<schema::UserName> parse_passwd(std::string_view text) {
  constexpr std::ptrdiff_t kFields = 7;
  constexpr std::size_t kMostNames = 16;
  return parse_names<schema::UserName, schema::Uid>(text, kFields, kMostNames);
}

std::vector<schema::GroupName> parse_group(std::string_view text) {
  constexpr std::ptrdiff_t kFields = 4;
  return parse_names<schema::GroupName, schema::Gid>(text, kFields, 1);
}

}  // namespace sockwitness::recorder
