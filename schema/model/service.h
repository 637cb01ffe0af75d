// What people mean by "an open port": an endpoint and who answers there.
//
// In:    schema/view derives services from a snapshot; a baseline keeps them in the database.
// Out:   plain values that stand alone: two sets of services compare without their snapshots.
// Never: a pid, a descriptor, a queue or a counter in an identity.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/base/time.h"
#include "schema/model/container.h"
#include "schema/model/gap.h"
#include "schema/model/ids.h"
#include "schema/model/ip.h"
#include "schema/model/long_text.h"
#include "schema/model/parts.h"
#include "schema/model/program.h"
#include "schema/model/socket_kind.h"
#include "schema/model/visibility.h"

namespace sockwitness::schema {

// Identity of a place to reach across snapshots and reboots: all fields.
struct Endpoint {
  std::string netns;  // label
  Protocol protocol = Protocol::Tcp;
  Family family = Family::Ipv4;
  IpAddress address;
  Port port;  // 0 outside the internet families
  // Unix and vsock; of packet sockets the ethertype, "0x0800"; of a port that leads elsewhere
  // "forward", and what else its rule asks for.
  std::string name;
  // The interface that it is bound to (SO_BINDTODEVICE): only what comes in there reaches it. Empty
  // for none, and where its name is not known: see Service::device_unknown.
  std::string device = {};

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// An ancestor of a process.
struct Ancestor {
  Pid pid;
  std::string name;
  std::string script;

  friend bool operator==(const Ancestor&, const Ancestor&) = default;
};

// One process that answers there. Which two are the same: schema/view/owner_key.h.
struct Owner {
  std::optional<Program> program;  // nothing: it could not be read
  std::string script;              // absolute path of what an interpreter runs; empty for none
  std::optional<Program> script_file;
  Uid uid;           // effective
  std::string user;  // its name as resolved there, or the number
  std::string unit;
  std::string container;
  std::optional<ContainerFacts> container_facts;
  // It holds the endpoint for others and starts them on demand: systemd, inetd.
  bool manager = false;

  // Facts of the moment: no change when they differ. `==` compares them, too.
  std::string name;  // comm
  std::optional<std::string> command_line;
  std::optional<LongText> long_line;  // as of a process
  std::string title;                  // what it wrote over it since; empty: nothing
  std::optional<Pid> pid;             // nothing: known from a baseline
  std::optional<Pid> parent;
  std::vector<Fd> fds;
  std::optional<WallTime> started_at;
  BootTime start;  // the same by the clock of its boot; 0: not known, or the first process
  std::vector<Ancestor> ancestors;        // nearest first, up to pid 1
  std::optional<std::string> login_user;  // whose login session it was started in
  std::string forwards_to;                // of a relay or proxy: where it leads to, see relay.h
  bool recorder = false;

  Parts unread;  // of what it is: Ids, Script, ScriptFile, ControlGroup have no value then

  [[nodiscard]] std::string_view path() const {
    return program ? std::string_view(program->path) : std::string_view();
  }

  friend bool operator==(const Owner&, const Owner&) = default;
};

// Whether an unconnected UDP socket answers, or is a client's end that waits for its answers.
enum class Standing : std::uint8_t {
  Listener,  // answers
  Unknown,   // a port that the kernel chose, and there is no snapshot before
  Passing,   // such a port, not there in the snapshot before: perhaps a client's
  Client     // the same, and its owner asks others or serves on a port of its own choice
};

// How often a baseline saw it.
struct Share {
  Seq first;
  Seq last;
  std::uint32_t snapshots = 0;

  friend bool operator==(const Share&, const Share&) = default;
};

// Why a user added it to a baseline by hand.
struct Acceptance {
  std::string reason;
  std::string by;
  WallTime at;
  std::optional<WallTime> until;  // nothing: without end

  friend bool operator==(const Acceptance&, const Acceptance&) = default;
};

// The user that a socket belongs to.
struct SocketUser {
  Uid uid;
  std::string name;  // as resolved there, or the number

  friend bool operator==(const SocketUser&, const SocketUser&) = default;
};

// A port that a NAT rule leads elsewhere: it has no owner but the rule.
[[nodiscard]] inline bool is_forward(const Endpoint& endpoint) {
  return (endpoint.family == Family::Ipv4 || endpoint.family == Family::Ipv6) &&
         !endpoint.name.empty();
}

struct Service {
  Endpoint endpoint;
  std::vector<Owner> owners;  // oldest first
  NoHolderReason no_holder = NoHolderReason::None;
  // Of all its sockets, as the kernel says: evidence where the owner is hidden.
  // Nothing in a baseline.
  std::optional<SocketUser> made_by;
  std::optional<bool> v6only;      // IPv6: false takes IPv4 as well
  std::vector<std::uint32_t> rpc;  // RPC programs registered for it, ascending
  Standing standing = Standing::Listener;
  std::vector<SocketIndex> sockets;  // of its snapshot, several with SO_REUSEPORT; empty in a
                                     // baseline
  std::optional<WallTime> since;     // when the oldest of its sockets was first seen
  std::optional<Share> share;        // in a baseline
  // It may be bound to any interface: names could not be read, or a baseline is of an earlier
  // version.
  bool device_unknown = false;
  std::optional<Acceptance> accepted;
  std::string leads_to = {};  // of a forward: "172.17.0.2:80 in container web"

  friend bool operator==(const Service&, const Service&) = default;
};

// All services of one observation, with what it could see.
struct ServiceSet : Visibility {
  std::vector<Service> services;  // by endpoint, ascending, each once
  WallTime as_of;                 // owners that started later are younger
  // Ports that the kernel gave to clients there; of a baseline Linux's usual ones.
  Port ephemeral_first{32768};
  Port ephemeral_last{60999};
};

}  // namespace sockwitness::schema
