#include "recorder/proc/cgroup.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "schema/base/scan.h"
#include "schema/view/stable_name.h"

namespace sockwitness::recorder {
namespace {

using schema::scan_literal;
using schema::scan_until;

// The id that every container engine draws: 64 hexadecimal digits.
bool is_container_id(std::string_view text) {
  constexpr std::size_t kDigits = 64;
  return text.size() == kDigits && std::all_of(text.begin(), text.end(), schema::is_hex_digit);
}

bool strip_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) {
    return false;
  }
  text.remove_suffix(suffix.size());
  return true;
}

// "my\x2dbox" is "my-box". Source: systemd.unit(5), "String escaping for inclusion in unit names".
std::string unescape_unit(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    std::string_view probe = text;
    if (scan_literal(probe, "\\x") && probe.size() >= 2) {
      if (const auto value = schema::parse_number<std::uint8_t>(probe.substr(0, 2), 16)) {
        plain.push_back(static_cast<char>(*value));
        text = probe.substr(2);
        continue;
      }
    }
    plain.push_back(text.front());
    text.remove_prefix(1);
  }
  return plain;
}

// The types of unit that have a cgroup. Source: systemd, src/basic/unit-def.c.
std::optional<std::string_view> find_unit(std::string_view component) {
  if (component.starts_with('_')) {  // systemd's escape for names that collide with kernel files
    component.remove_prefix(1);
  }
  constexpr std::array<std::string_view, 6> kTypes = {
      ".service", ".scope", ".slice", ".socket", ".mount", ".swap"};
  const auto valid = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
           c == '_' || c == '.' || c == '\\' || c == '@' || c == '-';
  };
  for (const auto type : kTypes) {
    if (component.size() > type.size() && component.ends_with(type) &&
        std::all_of(component.begin(), component.end(), valid)) {
      return component;
    }
  }
  return std::nullopt;
}

// "docker-ID.scope", "libpod-ID", "cri-containerd-ID.scope", …: an engine's word and an id. The
// monitors beside the containers ("libpod-conmon-ID.scope") have a second word and stay outside.
std::optional<std::string> find_engine_container(std::string_view component) {
  constexpr std::array<std::string_view, 7> kEngines = {
      "docker-", "libpod-payload-", "libpod-", "cri-containerd-", "crio-", "nerdctl-", "podman-"};
  (void)strip_suffix(component, ".scope");
  for (const auto engine : kEngines) {
    std::string_view id = component;
    if (scan_literal(id, engine) && is_container_id(id)) {
      return std::string(id);
    }
  }
  // containerd driven without systemd: "…/kubepods-pod1.slice:cri-containerd:ID".
  const auto colon = component.rfind(':');
  const auto bare = colon == std::string_view::npos ? component : component.substr(colon + 1);
  return is_container_id(bare) ? std::optional(std::string(bare)) : std::nullopt;
}

// LXC: "lxc.payload.NAME", "lxc.payload/NAME", "lxc/NAME". Its monitor runs on the host.
std::optional<std::string> find_lxc_container(std::string_view before, std::string_view component) {
  if (scan_literal(component, "lxc.payload.") && !component.empty()) {
    return std::string(component);
  }
  if (before == "lxc" || before == "lxc.payload") {
    return std::string(component);
  }
  return std::nullopt;
}

// A task's id and the number of the container in it. Source: Amazon ECS, task metadata on Fargate.
bool is_fargate_id(std::string_view text) {
  constexpr std::size_t kTask = 32;
  const auto task = text.substr(0, std::min(kTask, text.size()));
  return text.size() > kTask + 1 && text[kTask] == '-' &&
         std::all_of(task.begin(), task.end(), schema::is_hex_digit) &&
         text.find_first_not_of("0123456789", kTask + 1) == std::string_view::npos;
}

// Managers that give a container a directory of its own below one of theirs, whatever its id looks
// like: "garden/ID" of Cloud Foundry, "buildkit/ID", "mesos/UUID", "ecs/TASK/TASK-NUMBER", and what
// ctr starts: "/default/NAME".
std::optional<std::string> find_placed_container(const std::vector<std::string_view>& components,
                                                 std::size_t at) {
  const std::string_view component = components[at];
  const std::string_view before = at > 0 ? components[at - 1] : std::string_view();
  const std::string_view earlier = at > 1 ? components[at - 2] : std::string_view();
  const bool quality = before == "good" || before == "bad";  // how much of the processor it gets
  const bool placed = (before == "garden" && component != "good" && component != "bad") ||
                      (earlier == "garden" && quality) || before == "buildkit" ||
                      (before == "mesos" && schema::is_uuid(component)) ||
                      (components.front() == "ecs" && at >= 2 && is_fargate_id(component)) ||
                      (before == "default" && at == 1);
  return placed && !find_unit(component) ? std::optional(std::string(component)) : std::nullopt;
}

// Registered machines: "machine-NAME.scope", "systemd-nspawn@NAME.service". Virtual machines are
// registered too, but their cgroup holds the emulator, and "supervisor" the container's manager:
// both are processes of the host.
std::optional<std::string> find_machine(std::string_view component, std::string_view after) {
  if (after == "supervisor") {
    return std::nullopt;
  }
  std::string_view name = component;
  if (scan_literal(name, "machine-") && strip_suffix(name, ".scope") && !name.empty()) {
    const std::string machine = unescape_unit(name);
    if (machine.starts_with("qemu-") || after == "libvirt") {
      return std::nullopt;
    }
    return machine;
  }
  name = component;
  if (scan_literal(name, "systemd-nspawn@") && strip_suffix(name, ".service") && !name.empty() &&
      (after == "payload" || after == "init.scope" || after == "system.slice")) {
    return unescape_unit(name);
  }
  return std::nullopt;
}

// Source: systemd, units/user@.service.
bool is_user_manager(std::string_view unit) {
  return scan_literal(unit, "user@") && schema::scan_number<std::uint32_t>(unit) &&
         unit == ".service";
}

std::vector<std::string_view> split_cgroup(std::string_view path) {
  std::vector<std::string_view> components;
  while (!path.empty()) {
    if (const auto component = scan_until(path, '/'); !component.empty()) {
      components.push_back(component);
    }
  }
  return components;
}

struct Hierarchies {
  std::string_view unified;
  std::string_view systemd;
  std::vector<std::string_view> others;
};

// Nothing where a line is none, or is cut.
std::optional<Hierarchies> split_hierarchies(std::string_view text) {
  if (!text.empty() && !text.ends_with('\n')) {
    return std::nullopt;
  }
  Hierarchies found;
  while (!text.empty()) {
    std::string_view line = scan_until(text, '\n');
    const auto id = schema::scan_number<std::uint32_t>(line);
    if (!id || !scan_literal(line, ":") || line.find(':') == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view controllers = scan_until(line, ':');
    if (!line.starts_with('/')) {
      return std::nullopt;
    }
    if (*id == 0 && controllers.empty()) {
      found.unified = line;
    } else if (controllers == "name=systemd") {
      found.systemd = line;
    } else {
      found.others.push_back(line);
    }
  }
  return found;
}

}  // namespace

CgroupPlace parse_cgroup_path(std::string_view path) {
  CgroupPlace place;
  place.path = path;
  const auto components = split_cgroup(path);
  bool settled = false;      // what follows is named by whoever the unit gave its directory to
  std::string_view outer;    // the innermost unit around a container that is a plain directory
  std::string_view manager;  // "user@1000.service" whose own unit has not been met yet
  for (std::size_t i = 0; i < components.size(); ++i) {
    const std::string_view component = components[i];
    const std::string_view before = i > 0 ? components[i - 1] : std::string_view();
    const std::string_view after =
        i + 1 < components.size() ? components[i + 1] : std::string_view();
    const auto unit = find_unit(component);
    auto container = find_engine_container(component);
    if (!container) {
      container = find_lxc_container(before, component);
    }
    if (!container) {
      container = find_machine(component, after);
    }
    if (!container) {
      container = find_placed_container(components, i);
    }
    if (container) {
      place.container = *container;
      place.unit =
          unit || component.find(':') != std::string_view::npos ? std::string_view() : outer;
      outer = {};
      settled = false;
    } else if (unit && !settled) {
      place.unit = *unit;
      if (!unit->ends_with(".slice")) {
        outer = *unit;
        settled = true;
        manager = is_user_manager(*unit) ? *unit : std::string_view();
      }
    } else if (unit && !manager.empty() && !unit->ends_with(".slice")) {
      // Named by the user, so never without the manager that it belongs to.
      if (*unit != "init.scope") {
        place.unit = std::string(manager).append("/").append(*unit);
      }
      manager = {};
    }
  }
  return place;
}

std::optional<CgroupPlace> parse_cgroup(std::string_view text) {
  const auto hierarchies = split_hierarchies(text);
  if (!hierarchies) {
    return std::nullopt;
  }
  const Hierarchies& found = *hierarchies;
  CgroupPlace place = parse_cgroup_path(found.unified);
  if (!found.systemd.empty()) {
    CgroupPlace classic = parse_cgroup_path(found.systemd);
    const bool unified_silent =
        found.unified.size() <= 1 && found.systemd.size() > found.unified.size();
    if (unified_silent || (place.container.empty() && !classic.container.empty())) {
      place = std::move(classic);
    }
  }
  for (const auto other : found.others) {
    if (!place.container.empty()) {
      break;
    }
    place.container = parse_cgroup_path(other).container;
  }
  return place;
}

}  // namespace sockwitness::recorder
