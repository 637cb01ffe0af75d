// The lines of /proc/<pid>/status that the recorder keeps.
//
// In:    its bytes: "Name:\tsh\n…Uid:\t0\t0\t0\t0\n…".
// Out:   ids, effective capabilities, tracer, namespaced pids.
// Never: takes the name from here: the kernel escapes it in this file.
// Source: proc(5), fs/proc/array.c proc_pid_status().
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sockwitness::recorder {

struct StatusFile {
  std::uint32_t real_uid = 0;
  std::uint32_t effective_uid = 0;
  std::uint32_t real_gid = 0;
  std::uint32_t effective_gid = 0;
  std::uint64_t effective_capabilities = 0;
  std::int32_t tracer = 0;                   // 0: none
  std::optional<bool> kernel_thread;         // recent kernels say so
  std::vector<std::int32_t> namespace_pids;  // outermost first; empty where the kernel is silent

  friend bool operator==(const StatusFile&, const StatusFile&) = default;
};

// Nothing unless Uid, Gid, CapEff and TracerPid are all there and well-formed.
[[nodiscard]] std::optional<StatusFile> parse_status(std::string_view text);

}  // namespace sockwitness::recorder
