#include "query/analysis/filter.h"

#include <algorithm>
#include <array>

#include "query/analysis/none_or_any.h"
#include "query/analysis/patterns.h"
#include "schema/base/escape.h"
#include "schema/base/scan.h"
#include "schema/model/program.h"
#include "schema/model/socket.h"
#include "schema/view/local_addresses.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Process;
using schema::Protocol;
using schema::Socket;
using schema::SocketState;

constexpr std::array kInetProtocols{Protocol::Tcp,
                                    Protocol::Udp,
                                    Protocol::UdpLite,
                                    Protocol::Raw,
                                    Protocol::Icmp,
                                    Protocol::Sctp,
                                    Protocol::Mptcp,
                                    Protocol::Dccp};

constexpr std::array kAllStates{SocketState::Established,
                                SocketState::SynSent,
                                SocketState::SynRecv,
                                SocketState::FinWait1,
                                SocketState::FinWait2,
                                SocketState::TimeWait,
                                SocketState::Close,
                                SocketState::CloseWait,
                                SocketState::LastAck,
                                SocketState::Listen,
                                SocketState::Closing,
                                SocketState::Unconnected,
                                SocketState::Unbound,
                                SocketState::Forward};

constexpr std::string_view kDigest = "sha256:";

bool matches_program_text(const std::string& pattern, std::string_view text) {
  if (text.empty() || is_digest_pattern(pattern)) {
    return false;
  }
  return is_glob(pattern) ? matches_path(pattern, text)
                          : text.find(pattern) != std::string_view::npos;
}

template <class Test>
bool any_holder(const schema::SnapshotView& view, schema::SocketIndex index, Test test) {
  const auto holders = view.holders(index);
  return std::any_of(holders.begin(), holders.end(), [&](const schema::Holder& holder) {
    return test(view.process(holder.process));
  });
}

// Families that no table lists have no address that could be shown; whoever asks for them means
// those.
bool has_place(const Socket& socket) {
  return socket.state != SocketState::Unbound || socket.protocol == Protocol::Other;
}

bool in_reach(const Filter& filter, const Socket& socket) {
  if (filter.states) {
    return filter.states->contains(socket.state);
  }
  switch (filter.breadth) {
    case Breadth::Listening:
      return schema::waits_for_peers(socket);
    case Breadth::All:
      return has_place(socket);
    case Breadth::Usual:
      break;
  }
  return has_place(socket) && socket.state != SocketState::Close;
}

bool in_families(const Filter& filter, const Socket& socket) {
  if (filter.family && socket.family != *filter.family) {
    return false;
  }
  return filter.protocols.empty() ? schema::is_inet(socket)
                                  : filter.protocols.contains(socket.protocol);
}

// Of a range of ports that leads elsewhere, one is meant.
bool overlaps(const schema::PortRange& range, const Socket& socket) {
  const schema::Port last = schema::last_port(socket);
  return last != schema::Port(0) && range.first <= last && socket.local_port <= range.last;
}

bool at_address(const Filter& filter, const Socket& socket) {
  const bool addressed = filter.ports.empty() && filter.local.empty() && filter.remote.empty() &&
                         filter.either.empty();
  if (addressed) {
    return true;
  }
  if (!schema::is_inet(socket)) {
    return false;
  }
  // Where a port leads to is its other end.
  const bool connected = schema::is_connected(socket) || schema::is_forward(socket);
  const auto at_local = [&](const schema::AddressPattern& pattern) {
    const auto addresses = schema::local_addresses(socket);
    return std::any_of(addresses.begin(), addresses.end(), [&](const schema::IpAddress& address) {
      return pattern.matches(address, socket.local_port) ||
             (pattern.ports && overlaps(*pattern.ports, socket) &&
              pattern.matches(address, pattern.ports->first));
    });
  };
  const auto at_remote = [&](const schema::AddressPattern& pattern) {
    return connected && pattern.matches(socket.remote_address, socket.remote_port);
  };
  return none_or_any(filter.ports,
                     [&](const schema::PortRange& range) {
                       return range.contains(socket.local_port) || overlaps(range, socket) ||
                              (connected && range.contains(socket.remote_port));
                     }) &&
         none_or_any(filter.local, at_local) && none_or_any(filter.remote, at_remote) &&
         none_or_any(filter.either, [&](const schema::AddressPattern& pattern) {
           return at_local(pattern) || at_remote(pattern);
         });
}

bool is_rpc(const schema::EndpointPattern& pattern) {
  return std::holds_alternative<schema::RpcPattern>(pattern);
}

bool is_number_of(const std::string& wanted, schema::Uid uid) {
  const auto number = schema::parse_number<std::uint32_t>(wanted);
  return number && *number == uid.value() && uid != schema::kNoUid;
}

// By its number, or any of its names.
bool user_fits(const Filter& filter, const schema::SnapshotView& view, schema::Uid uid) {
  return none_or_any(filter.users, [&](const std::string& wanted) {
    return is_number_of(wanted, uid) || view.is_named(uid, wanted);
  });
}

bool runs_program(const Filter& filter, const schema::SnapshotView& view, const Process& process) {
  const schema::Program* program = view.program(process);
  return program_fits(filter, process.name) || program_fits(filter, process.script) ||
         (program != nullptr && program_fits(filter, program->path, program->sha256));
}

bool held_by(const Filter& filter, const schema::SnapshotView& view, schema::SocketIndex index) {
  const Socket& socket = view.socket(index);
  const auto some_process = [&](auto test) { return any_holder(view, index, test); };
  const bool pid_is_there = filter.pids.empty() || some_process([&](const Process& process) {
                              return filter.pids.contains(process.pid);
                            });
  const bool user_is_there = filter.users.empty() ||
                             (socket.uid && user_fits(filter, view, *socket.uid)) ||
                             some_process([&](const Process& process) {
                               return user_fits(filter, view, process.effective_uid);
                             });
  return pid_is_there && user_is_there &&
         (filter.programs.empty() || some_process([&](const Process& process) {
            return runs_program(filter, view, process);
          })) &&
         (filter.units.empty() ||
          some_process([&](const Process& process) { return unit_fits(filter, process.unit); })) &&
         (filter.containers.empty() || some_process([&](const Process& process) {
            return container_fits(filter, process.container, process.container_facts);
          }));
}

}  // namespace

bool socket_fits(const Filter& filter, const Socket& socket) {
  return in_families(filter, socket) && in_reach(filter, socket) && at_address(filter, socket) &&
         none_or_any(filter.devices,
                     [&](const std::string& wanted) {
                       return matches_name(wanted, socket.interface_name);
                     }) &&
         none_or_any(filter.endpoints, [&](const schema::EndpointPattern& pattern) {
           return is_rpc(pattern) ? schema::is_inet(socket) : schema::matches(pattern, socket, {});
         });
}

bool kind_fits(const Filter& filter, Protocol protocol, SocketState state) {
  const bool inet =
      std::find(kInetProtocols.begin(), kInetProtocols.end(), protocol) != kInetProtocols.end();
  Socket socket;
  socket.protocol = protocol;
  socket.state = state;
  socket.family = inet                         ? filter.family.value_or(schema::Family::Ipv4)
                  : protocol == Protocol::Unix ? schema::Family::Unix
                                               : schema::Family::Other;
  return in_families(filter, socket) && in_reach(filter, socket);
}

bool program_fits(const Filter& filter, std::string_view text) {
  return none_or_any(filter.programs,
                     [&](const std::string& wanted) { return matches_program_text(wanted, text); });
}

bool program_fits(const Filter& filter, std::string_view path, std::string_view sha256) {
  return program_fits(filter, path) ||
         std::any_of(
             filter.programs.begin(), filter.programs.end(), [&](const std::string& wanted) {
               return is_digest_pattern(wanted) && !sha256.empty() &&
                      schema::hex(sha256).starts_with(
                          std::string_view(wanted).substr(kDigest.size()));
             });
}

bool is_digest_pattern(std::string_view word) {
  constexpr std::size_t kFewest = 8;
  constexpr std::size_t kMost = 64;
  if (!schema::scan_literal(word, kDigest)) {
    return false;
  }
  return word.size() >= kFewest && word.size() <= kMost &&
         std::all_of(word.begin(), word.end(), schema::is_hex_digit);
}

bool unit_fits(const Filter& filter, std::string_view unit) {
  return none_or_any(filter.units,
                     [&](const std::string& wanted) { return matches_unit(wanted, unit); });
}

bool container_fits(const Filter& filter,
                    std::string_view container,
                    const std::optional<schema::ContainerFacts>& facts) {
  return none_or_any(filter.containers, [&](const std::string& wanted) {
    return matches_container(wanted, container, facts);
  });
}

bool netns_fits(const Filter& filter, std::string_view label) {
  return none_or_any(filter.namespaces,
                     [&](const std::string& wanted) { return matches_name(wanted, label); });
}

bool user_fits(const Filter& filter, schema::Uid uid, std::string_view name) {
  return none_or_any(filter.users, [&](const std::string& wanted) {
    return is_number_of(wanted, uid) || (!name.empty() && name == wanted);
  });
}

bool matches(const Filter& filter, const schema::SnapshotView& view, schema::SocketIndex index) {
  const Socket& socket = view.socket(index);
  const bool rpc = std::any_of(filter.endpoints.begin(), filter.endpoints.end(), is_rpc);
  return socket_fits(filter, socket) &&
         (!rpc || none_or_any(filter.endpoints,
                              [&](const schema::EndpointPattern& pattern) {
                                return schema::matches(pattern, socket, view.rpc_programs(socket));
                              })) &&
         netns_fits(filter, view.netns_label(socket.netns)) && held_by(filter, view, index);
}

bool matches(const Filter& filter, const schema::SnapshotView& view, const Process& process) {
  return (filter.pids.empty() || filter.pids.contains(process.pid)) &&
         (filter.programs.empty() || runs_program(filter, view, process)) &&
         user_fits(filter, view, process.effective_uid) && unit_fits(filter, process.unit) &&
         container_fits(filter, process.container, process.container_facts) &&
         (filter.namespaces.empty() ||
          (process.netns && netns_fits(filter, view.netns_label(*process.netns))));
}

bool asks_for_holders(const Filter& filter) {
  return !filter.pids.empty() || !filter.programs.empty() || !filter.users.empty() ||
         !filter.units.empty() || !filter.containers.empty();
}

Filter without_holders(Filter filter) {
  filter.pids.clear();
  filter.programs.clear();
  filter.users.clear();
  filter.units.clear();
  filter.containers.clear();
  return filter;
}

bool asks_for_ends(const Filter& filter) {
  return !filter.ports.empty() || !filter.local.empty() || !filter.remote.empty() ||
         !filter.either.empty() || !filter.endpoints.empty();
}

std::optional<StateSet> parse_state_set(std::string_view word) {
  StateSet connected(kAllStates.begin(), kAllStates.end());
  for (const SocketState apart : {SocketState::Listen,
                                  SocketState::Close,
                                  SocketState::Unconnected,
                                  SocketState::Unbound,
                                  SocketState::Forward}) {
    connected.erase(apart);
  }
  if (word == "all") {
    return StateSet(kAllStates.begin(), kAllStates.end());
  }
  if (word == "connected") {
    return connected;
  }
  if (word == "synchronized") {
    connected.erase(SocketState::SynSent);
    return connected;
  }
  const StateSet bucket{SocketState::SynRecv, SocketState::TimeWait};
  if (word == "bucket") {
    return bucket;
  }
  if (word == "big") {
    StateSet big(kAllStates.begin(), kAllStates.end());
    big.erase(SocketState::SynRecv);
    big.erase(SocketState::TimeWait);
    big.erase(SocketState::Unbound);
    big.erase(SocketState::Forward);
    return big;
  }
  const auto state = schema::parse_state(word);
  return state ? std::optional(StateSet{*state}) : std::nullopt;
}

std::optional<ProtocolSet> parse_socket_table(std::string_view word) {
  if (word == "inet") {
    return ProtocolSet(kInetProtocols.begin(), kInetProtocols.end());
  }
  if (word == "all") {
    ProtocolSet every(kInetProtocols.begin(), kInetProtocols.end());
    every.insert(
        {Protocol::Unix, Protocol::Packet, Protocol::Netlink, Protocol::Vsock, Protocol::Other});
    return every;
  }
  const auto protocol = schema::parse_protocol(word);
  return protocol ? std::optional(ProtocolSet{*protocol}) : std::nullopt;
}

std::vector<std::string> known_states() {
  std::vector<std::string> words{"all", "connected", "synchronized", "bucket", "big"};
  for (const SocketState state : kAllStates) {
    words.emplace_back(schema::state_name(state));
  }
  return words;
}

std::vector<std::string> known_socket_tables() {
  std::vector<std::string> words{"all", "inet"};
  const auto every = parse_socket_table("all");
  for (const Protocol protocol : *every) {
    words.emplace_back(schema::protocol_name(protocol));
  }
  return words;
}

}  // namespace sockwitness::query
