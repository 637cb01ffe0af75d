// A network namespace and the label that names it across reboots.
//
// In:    where it was found: a process, /run/netns, a mount, a descriptor.
// Out:   a label: "host", the name below /run/netns, "container NAME", "container ID", "unit NAME",
//        and only then "netns INODE".
// Never: two namespaces of one snapshot with one label: later ones get their inode appended.
#pragma once

#include <compare>
#include <string>

#include "schema/model/ids.h"

namespace sockwitness::schema {

// Identity: boot, inode. Compared: label.
struct Netns {
  Inode inode;
  std::string label;

  friend auto operator<=>(const Netns&, const Netns&) = default;
};

}  // namespace sockwitness::schema
