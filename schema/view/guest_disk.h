// The disk that a virtual machine runs from, as one option of qemu's describes it.
//
// In:    the option and its value. Source: qemu(1), -drive, -blockdev, -hda, -name.
// Out:   the file of a disk; of a name the name alone. Empty for firmware, media and what is only
//        read, and for an option that names no file.
// Never: two answers for the same file: caches, drivers and names of nodes are left out.
#pragma once

#include <string_view>

namespace sockwitness::schema {

[[nodiscard]] std::string_view disk_of(std::string_view option, std::string_view value);

}  // namespace sockwitness::schema
