// One mount per line of /proc/<pid>/mountinfo.
//
// In:    "36 35 98:0 /root /mount\040point rw,noatime shared:1 - ext4 /dev/sda1
//        rw,errors=continue".
// Out:   the fields that tell namespaces and procfs options.
// Never: splits at an escaped blank, or trusts the number of optional fields.
// Source: proc(5), fs/proc_namespace.c show_mountinfo().
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/model/ids.h"

namespace sockwitness::recorder {

struct MountLine {
  schema::Device device;
  std::string root;  // for nsfs: "net:[4026532177]"
  std::string mount_point;
  std::string type;           // "proc", "nsfs", …
  std::string super_options;  // "rw,hidepid=invisible"

  friend bool operator==(const MountLine&, const MountLine&) = default;
};

// Malformed lines are skipped. `type` restricts the answer to mounts of that type; empty: all.
[[nodiscard]] std::vector<MountLine> parse_mountinfo(std::string_view text, std::string_view type);

// Whole lines, each of them well-formed; there is always one.
[[nodiscard]] bool is_mountinfo(std::string_view text);

// The processes over whose entry in /proc, or over a part of it, something is mounted: what is read
// there is not of the process.
[[nodiscard]] std::set<schema::Pid> find_covered(std::string_view text);

// How a procfs mount hides processes from those who may not trace them.
struct ProcHiding {
  bool hides = false;                       // hidepid is neither absent nor off
  std::optional<schema::Gid> exempt_group;  // gid=N; not honoured by "ptraceable"

  friend bool operator==(const ProcHiding&, const ProcHiding&) = default;
};
[[nodiscard]] ProcHiding parse_proc_hiding(std::string_view super_options);

}  // namespace sockwitness::recorder
