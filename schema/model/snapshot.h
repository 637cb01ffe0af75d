// One pass over the host: everything that was seen, what could not be seen, and when.
//
// In:    recorder/collect composes it; schema/disk rebuilds it.
// Out:   plain values that refer to each other by index within the snapshot.
// Never: partial without a gap; order of the vectors carries no meaning (sort_canonically gives
// one).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/base/time.h"
#include "schema/model/gap.h"
#include "schema/model/ids.h"
#include "schema/model/netns.h"
#include "schema/model/process.h"
#include "schema/model/program.h"
#include "schema/model/socket.h"

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

// A user or group name as resolved on that host at that time.
struct UserName {
  Uid uid;
  std::string name;

  friend auto operator<=>(const UserName&, const UserName&) = default;
};
struct GroupName {
  Gid gid;
  std::string name;

  friend auto operator<=>(const GroupName&, const GroupName&) = default;
};

// One line of rpcbind's table. Source: RFC 1833, rpcb_entry.
struct RpcRegistration {
  std::uint32_t program = 0;
  std::uint32_t version = 0;
  std::string transport;  // netid: "tcp", "udp6", "local", …
  std::string address;    // universal address: "0.0.0.0.0.111", a path for local
  std::string owner;

  friend auto operator<=>(const RpcRegistration&, const RpcRegistration&) = default;
};

// What the run cost.
struct Cost {
  std::int64_t wall_us = 0;  // from begin to the moment before the commit
  std::int64_t cpu_us = 0;   // user and system, all threads
  std::int64_t peak_kib = 0;

  friend bool operator==(const Cost&, const Cost&) = default;
};

struct Snapshot {
  std::optional<Seq> seq;  // given by the database
  ClockReading begin;
  ClockReading end;
  std::optional<ClockSync> clock_sync;
  Context context;
  Cost cost;
  std::string note;
  // Costly facts (mappings, environment, package state) of processes that did not change since are
  // as old as this snapshot. Equal to seq when all were read anew; nothing before the database gave
  // a number.
  std::optional<Seq> deep_seq;

  std::vector<Netns> namespaces;
  std::vector<Socket> sockets;
  std::vector<Process> processes;
  std::vector<Program> programs;
  std::vector<Holder> holders;
  std::vector<Descriptor> descriptors;
  std::vector<Mapping> mappings;
  std::vector<Gap> gaps;
  std::vector<UserName> users;
  std::vector<GroupName> groups;
  std::vector<RpcRegistration> registrations;

  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// The figures of the one-line summary.
struct Totals {
  std::uint32_t listening = 0;  // LISTEN, and unconnected UDP, of the internet families
  std::uint32_t connected = 0;  // internet sockets with a peer
  std::uint32_t processes = 0;
  std::uint32_t gaps = 0;
  friend bool operator==(const Totals&, const Totals&) = default;
};
[[nodiscard]] Totals count_totals(const Snapshot& snapshot);

// Sorts every vector by content and renumbers the indices, so that two equal observations compare
// equal. Programs that nothing refers to are dropped.
void sort_canonically(Snapshot& snapshot);

}  // namespace sockwitness::schema
