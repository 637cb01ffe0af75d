// When and under which circumstances a snapshot was taken, and its figures.
//
// In:    the clocks, the host's facts; counts.
// Out:   plain values that the list of snapshots has as well as each of them.
// Never: sockets or processes: code that needs times and places does not depend on them.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "schema/base/time.h"
#include "schema/model/ids.h"

namespace sockwitness::schema {

// Lower-case text of the kernel's random boot id: 8-4-4-4-12 hexadecimal digits.
using BootId = std::string;

// The clocks at one instant, read together.
struct ClockReading {
  WallTime wall;
  BootTime since_boot;            // counts suspend
  std::int64_t monotonic_ns = 0;  // does not; the difference is the time asleep

  friend bool operator==(const ClockReading&, const ClockReading&) = default;
};

// adjtimex(2). A failed reading is a gap.
struct ClockSync {
  bool synchronized = false;
  std::int64_t max_error_us = 0;
  std::int64_t estimated_error_us = 0;

  friend bool operator==(const ClockSync&, const ClockSync&) = default;
};

// What holds for many snapshots in a row; stored once per change.
struct Context {
  BootId boot_id;
  std::string host_name;
  std::string machine_id;  // 32 hexadecimal digits, empty when the host has none
  std::string kernel;      // "6.1.0-18-amd64 #1 SMP …"
  std::string recorder_version;
  Port ephemeral_first{32768};  // net.ipv4.ip_local_port_range of the host's namespace
  Port ephemeral_last{60999};
  Uid recorder_uid;                            // effective
  std::uint64_t recorder_capabilities = 0;     // effective
  std::int64_t package_database_mtime_ns = 0;  // 0: there is none
  Port unprivileged_first{1024};  // net.ipv4.ip_unprivileged_port_start of the host's namespace
  std::string preload_file;       // bytes of /etc/ld.so.preload; empty: none, or a gap
  std::optional<std::int64_t> every_us;  // a loop's interval; nothing: a single run

  friend auto operator<=>(const Context&, const Context&) = default;
};

// What the run cost.
struct Cost {
  std::int64_t wall_us = 0;  // from begin to the moment before the commit
  std::int64_t cpu_us = 0;   // user and system, all threads
  std::int64_t peak_kib = 0;

  friend bool operator==(const Cost&, const Cost&) = default;
};

// The figures of the one-line summary.
struct Totals {
  std::uint32_t listening = 0;  // LISTEN, and unconnected UDP, of the internet families
  std::uint32_t connected = 0;  // internet sockets with a peer
  std::uint32_t processes = 0;
  std::uint32_t gaps = 0;
  friend bool operator==(const Totals&, const Totals&) = default;
};

}  // namespace sockwitness::schema
