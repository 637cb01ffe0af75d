#include "schema/view/stable_name.h"

#include <algorithm>
#include <optional>

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool all_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_hex);
}

// Ids that engines and managers draw: 64, 40 or 32 hexadecimal digits, and a UUID.
bool is_drawn(std::string_view text) {
  return ((text.size() == 64 || text.size() == 40 || text.size() == 32) && all_hex(text)) ||
         is_uuid(text);
}

// The end of a unit's name that was drawn or counted, with the '-' or '.' before it.
std::string_view without_generated_end(std::string_view name, bool counted) {
  for (std::size_t at = name.find_first_of("-."); at != std::string_view::npos;
       at = name.find_first_of("-.", at + 1)) {
    const std::string_view end = name.substr(at + 1);
    if (at > 0 && (is_drawn(end) || (counted && name[at] == '-' && all_digits(end)))) {
      return name.substr(0, at);
    }
  }
  return name;
}

// "3-10.0.0.1:22-10.0.0.9:4711", "7-812-0": the number of a connection comes first, and then its
// ends, or a pid and a user. "15-main" was chosen by a user.
bool is_generated_instance(std::string_view instance) {
  std::string_view rest = instance;
  const bool counted = scan_number<std::uint64_t>(rest).has_value() && scan_literal(rest, "-");
  const bool of_connection =
      counted &&
      (rest.find(':') != std::string_view::npos ||
       std::all_of(rest.begin(), rest.end(), [](char c) { return is_digit(c) || c == '-'; }));
  return of_connection || is_drawn(instance);
}

// "machine-qemu\x2d7\x2dweb.scope": libvirt counts the machines that it starts, or takes a pid.
std::optional<std::string> without_machine_number(std::string_view name) {
  constexpr std::string_view kDash = "\\x2d";
  for (const std::string_view kind : {"machine-qemu\\x2d", "machine-lxc\\x2d"}) {
    std::string_view rest = name;
    if (scan_literal(rest, kind) && scan_number<std::uint64_t>(rest) && scan_literal(rest, kDash)) {
      return std::string(kind).append(rest);
    }
  }
  return std::nullopt;
}

// "dbus-:1.2-org.example.Shop@0": the connection that it was started for, and how often.
std::optional<std::string> without_connection(std::string_view name) {
  if (!scan_literal(name, "dbus-:") || !scan_number<std::uint64_t>(name) ||
      !scan_literal(name, ".") || !scan_number<std::uint64_t>(name) || !scan_literal(name, "-")) {
    return std::nullopt;
  }
  return "dbus-" + std::string(name.substr(0, name.rfind('@')));
}

// "UUID.web" of what Nomad starts.
std::string_view without_drawn_begin(std::string_view name) {
  constexpr std::size_t kUuid = 36;
  const bool drawn = name.size() > kUuid && name[kUuid] == '.' && is_uuid(name.substr(0, kUuid));
  return drawn ? name.substr(kUuid) : name;
}

std::string stable_part(std::string_view unit) {
  const auto dot = unit.rfind('.');
  if (dot == std::string_view::npos || dot == 0) {
    return std::string(unit);
  }
  std::string_view name = unit.substr(0, dot);
  const std::string_view type = unit.substr(dot);
  const bool scope = type == ".scope";
  auto special = without_machine_number(name);
  if (special || (special = without_connection(name))) {
    return special->append(type);
  }
  name = without_drawn_begin(name);
  if ((scope && name.starts_with("session-")) || name.starts_with("run-")) {
    name = name.substr(0, name.find('-'));
  } else if (const auto at = name.find('@'); at != std::string_view::npos) {
    if (is_generated_instance(name.substr(at + 1))) {
      name = name.substr(0, at + 1);
    }
  } else {
    name = without_generated_end(name, scope);
  }
  return std::string(name).append(type);
}

// Where a version begins in a folder's or file's name: "app-1.2.3", "jdk_17", "v20", "next@14".
std::optional<std::size_t> find_version(std::string_view component) {
  for (std::size_t at = 0; at < component.size(); ++at) {
    const bool begins =
        at == 0 || component[at - 1] == '-' || component[at - 1] == '_' || component[at - 1] == '@';
    std::string_view rest = component.substr(at);
    if (begins && rest.starts_with('v')) {
      rest.remove_prefix(1);
    }
    if (begins && !rest.empty() && is_digit(rest.front())) {
      return at;
    }
  }
  return std::nullopt;
}

// ".jar" of "app-1.2.jar": letters behind the last dot.
std::string_view suffix_of(std::string_view component) {
  const auto dot = component.rfind('.');
  const std::string_view suffix =
      dot == std::string_view::npos ? std::string_view() : component.substr(dot);
  const bool letters = suffix.size() > 1 && !is_digit(suffix[1]);
  return letters ? suffix : std::string_view();
}

// Besides those: a task's id and a number (Fargate), shorter runs of hexadecimal digits (Garden),
// 25 letters and digits (BuildKit, Swarm).
bool is_drawn_container(std::string_view id) {
  constexpr std::size_t kLeastHex = 20;
  constexpr std::size_t kIdentifier = 25;
  const bool has_digit = std::any_of(id.begin(), id.end(), is_digit);
  const bool dashed_hex =
      std::all_of(id.begin(), id.end(), [](char c) { return is_hex(c) || c == '-'; });
  const bool lower = std::all_of(
      id.begin(), id.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); });
  return is_drawn(id) || (has_digit && ((id.size() >= kLeastHex && dashed_hex) ||
                                        (id.size() == kIdentifier && lower)));
}

// A short name of a commit, or the folder of a cache: "a1b2c3d", "0123456789abcdef".
bool is_short_hash(std::string_view component) {
  constexpr std::size_t kLeast = 7;
  constexpr std::size_t kMost = 40;
  return component.size() >= kLeast && component.size() <= kMost && all_hex(component) &&
         std::any_of(component.begin(), component.end(), is_digit);
}

// "net8.0": what a program of .NET is built for.
bool is_framework(std::string_view component) {
  return scan_literal(component, "net") && scan_number<std::uint32_t>(component) &&
         scan_literal(component, ".") && all_digits(component);
}

std::string stable_component(std::string_view component) {
  constexpr std::string_view kUnpacked = "_MEI";  // where PyInstaller's programs unpack themselves
  if (component.starts_with(kUnpacked) && component.size() == kUnpacked.size() + 6) {
    return std::string(kUnpacked).append("*");
  }
  if (is_framework(component)) {
    return "net*";
  }
  constexpr std::string_view kMount = ".mount_";
  constexpr std::size_t kDrawn = 6;  // letters that an AppImage's runtime draws
  if (component.starts_with(kMount) && component.size() > kMount.size() + kDrawn) {
    return std::string(component.substr(0, component.size() - kDrawn)).append("*");
  }
  constexpr std::size_t kStoreHash = 32;
  std::string before;
  if (component.size() > kStoreHash && component[kStoreHash] == '-' &&
      std::all_of(component.begin(), component.begin() + kStoreHash, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z');
      })) {
    before = "*-";
    component.remove_prefix(kStoreHash + 1);
  }
  if (component.size() > 1 && component.front() == 'x' && all_digits(component.substr(1))) {
    return before + "*";  // a snap that was installed from a file
  }
  if (is_drawn(component) || is_short_hash(component)) {
    return before + "*";
  }
  const auto version = find_version(component);
  if (!version) {
    return before.append(component);
  }
  return before.append(component.substr(0, *version)).append("*").append(suffix_of(component));
}

}  // namespace

bool is_uuid(std::string_view text) {
  constexpr std::size_t kLength = 36;
  if (text.size() != kLength) {
    return false;
  }
  for (std::size_t at = 0; at < kLength; ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != '-' : !is_hex(text[at])) {
      return false;
    }
  }
  return true;
}

std::string stable_unit(std::string_view unit) {
  std::string stable;
  while (!unit.empty()) {
    const std::string_view part = scan_until(unit, '/');
    stable += stable_part(part);
    if (!unit.empty()) {
      stable.push_back('/');
    }
  }
  return stable;
}

std::string stable_path(std::string_view path) {
  if (std::none_of(path.begin(), path.end(), is_digit) &&
      path.find("/.mount_") == std::string_view::npos &&
      path.find("/_MEI") == std::string_view::npos) {
    return std::string(path);
  }
  std::string stable;
  while (!path.empty()) {
    const bool last = path.find('/') == std::string_view::npos;
    const std::string_view component = scan_until(path, '/');
    stable += stable_component(component);
    if (!last) {
      stable.push_back('/');
    }
  }
  return stable;
}

std::string stable_container(std::string_view container) {
  constexpr std::string_view kLibvirt = "lxc-";
  std::string_view rest = container;
  if (scan_literal(rest, kLibvirt) && scan_number<std::uint64_t>(rest) && scan_literal(rest, "-")) {
    return std::string(kLibvirt).append(rest);
  }
  return is_drawn_container(container) ? std::string("*") : std::string(container);
}

bool has_drawn_id(std::string_view netns_label) {
  constexpr std::size_t kShortId = 12;
  const bool of_container = scan_literal(netns_label, "container ");
  const std::string_view id = netns_label.substr(netns_label.rfind(' ') + 1);
  return of_container && (is_drawn(id) || (id.size() == kShortId && all_hex(id)));
}

}  // namespace sockwitness::schema
