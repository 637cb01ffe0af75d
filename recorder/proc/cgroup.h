// Where /proc/<pid>/cgroup says a process belongs: a unit of systemd, a container, both or neither.
//
// In:    "0::/system.slice/nginx.service" (v2), "1:name=systemd:/…" and other hierarchies (v1).
// Out:   the path that counts, the unit, the container.
// Never: takes the manager of a container for its content: docker.service is a unit, and so is
//        libpod-conmon-ID.scope.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockwitness::recorder {

struct CgroupPlace {
  std::string path;       // bytes, of the unified or the systemd hierarchy; empty without either
  std::string unit;       // as systemd names it, escapes kept
  std::string container;  // full id, or name (unescaped) where the manager has no ids

  friend bool operator==(const CgroupPlace&, const CgroupPlace&) = default;
};

// The whole file. The unified path counts, unless it is "/" or absent and the systemd hierarchy has
// a longer one, or only the systemd hierarchy names a container: a container manager that drives v1
// hierarchies leaves the unified path at its own service. Where neither names a container, the
// other hierarchies are asked (hosts without systemd). Nothing where a line is malformed or cut:
// what is missing may be what counts.
[[nodiscard]] std::optional<CgroupPlace> parse_cgroup(std::string_view text);

// One path. The container is the innermost one. The unit is the first one below the container (its
// own systemd's) that is no slice, else the last slice: a user's own manager, and whoever else was
// given a directory, may call what is in it anything. With none there, and a container that is a
// plain directory inside a unit, that unit; the scope that stands for a container is never the
// unit. Samples in the unit test's table.
[[nodiscard]] CgroupPlace parse_cgroup_path(std::string_view path);

}  // namespace sockwitness::recorder
