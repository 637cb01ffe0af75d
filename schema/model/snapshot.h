// One pass over the host: everything that was seen, what could not be seen, and when.
//
// In:    recorder/collect composes it; schema/disk rebuilds it.
// Out:   plain values that refer to each other by index within the snapshot.
// Never: partial without a gap; order of the vectors carries no meaning (sort_canonically gives
//        one).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/base/time.h"
#include "schema/model/context.h"
#include "schema/model/gap.h"
#include "schema/model/ids.h"
#include "schema/model/netns.h"
#include "schema/model/process.h"
#include "schema/model/program.h"
#include "schema/model/socket.h"

namespace sockwitness::schema {

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

[[nodiscard]] Totals count_totals(const Snapshot& snapshot);

// Sorts every vector by content and renumbers the indices, so that two equal observations compare
// equal. Programs that nothing refers to are dropped.
void sort_canonically(Snapshot& snapshot);

}  // namespace sockwitness::schema
