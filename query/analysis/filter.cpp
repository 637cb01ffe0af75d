#include "query/analysis/filter.h"

#include <algorithm>
#include <array>

#include "query/analysis/patterns.h"
#include "schema/base/scan.h"
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
                                SocketState::Unbound};

bool matches_program_text(const std::string& pattern, std::string_view text) {
  if (text.empty()) {
    return false;
  }
  return is_glob(pattern) ? matches_path(pattern, text)
                          : text.find(pattern) != std::string_view::npos;
}

bool matches_program(const std::string& pattern,
                     const schema::SnapshotView& view,
                     const Process& process) {
  const schema::Program* program = view.program(process);
  return matches_program_text(pattern, process.name) ||
         matches_program_text(pattern, process.script) ||
         (program != nullptr && matches_program_text(pattern, program->path));
}

bool matches_user(const std::string& wanted, const schema::SnapshotView& view, schema::Uid uid) {
  const auto number = schema::parse_number<std::uint32_t>(wanted);
  return (number && *number == uid.value()) || view.user_name(uid) == wanted;
}

template <class Test>
bool any_holder(const schema::SnapshotView& view, schema::SocketIndex index, Test test) {
  const auto holders = view.holders(index);
  return std::any_of(holders.begin(), holders.end(), [&](const schema::Holder& holder) {
    return test(view.process(holder.process));
  });
}

// True when `wanted` is empty or `test` accepts one of its elements.
template <class Container, class Test>
bool none_or_any(const Container& wanted, Test test) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), test);
}

bool in_reach(const Filter& filter, const Socket& socket) {
  if (filter.states) {
    return filter.states->contains(socket.state);
  }
  switch (filter.breadth) {
    case Breadth::Listening:
      return schema::waits_for_peers(socket);
    case Breadth::All:
      return socket.state != SocketState::Unbound;
    case Breadth::Usual:
      break;
  }
  return socket.state != SocketState::Unbound && socket.state != SocketState::Close;
}

bool in_families(const Filter& filter, const Socket& socket) {
  if (filter.family && socket.family != *filter.family) {
    return false;
  }
  return filter.protocols.empty() ? schema::is_inet(socket)
                                  : filter.protocols.contains(socket.protocol);
}

bool at_address(const Filter& filter, const Socket& socket) {
  const bool addressed = filter.ports.empty() && filter.local.empty() && filter.remote.empty();
  if (addressed) {
    return true;
  }
  if (!schema::is_inet(socket)) {
    return false;
  }
  return none_or_any(filter.ports,
                     [&](const schema::PortRange& range) {
                       return range.contains(socket.local_port) ||
                              (schema::is_connected(socket) && range.contains(socket.remote_port));
                     }) &&
         none_or_any(filter.local,
                     [&](const schema::AddressPattern& pattern) {
                       return pattern.matches(socket.local_address, socket.local_port);
                     }) &&
         none_or_any(filter.remote, [&](const schema::AddressPattern& pattern) {
           return schema::is_connected(socket) &&
                  pattern.matches(socket.remote_address, socket.remote_port);
         });
}

bool held_by(const Filter& filter, const schema::SnapshotView& view, schema::SocketIndex index) {
  const Socket& socket = view.socket(index);
  const auto some_process = [&](auto test) { return any_holder(view, index, test); };
  const bool pid_fits = filter.pids.empty() || some_process([&](const Process& process) {
                          return filter.pids.contains(process.pid);
                        });
  return pid_fits &&
         none_or_any(filter.programs,
                     [&](const std::string& wanted) {
                       return some_process([&](const Process& process) {
                         return matches_program(wanted, view, process);
                       });
                     }) &&
         none_or_any(filter.users,
                     [&](const std::string& wanted) {
                       return (socket.uid && matches_user(wanted, view, *socket.uid)) ||
                              some_process([&](const Process& process) {
                                return matches_user(wanted, view, process.effective_uid);
                              });
                     }) &&
         none_or_any(filter.units,
                     [&](const std::string& wanted) {
                       return some_process([&](const Process& process) {
                         return matches_unit(wanted, process.unit);
                       });
                     }) &&
         none_or_any(filter.containers, [&](const std::string& wanted) {
           return some_process([&](const Process& process) {
             return matches_container(wanted, process.container);
           });
         });
}

}  // namespace

bool matches(const Filter& filter, const schema::SnapshotView& view, schema::SocketIndex index) {
  const Socket& socket = view.socket(index);
  return in_families(filter, socket) && in_reach(filter, socket) && at_address(filter, socket) &&
         none_or_any(filter.namespaces,
                     [&](const std::string& wanted) {
                       return matches_name(wanted, view.netns_label(socket.netns));
                     }) &&
         held_by(filter, view, index);
}

std::optional<StateSet> parse_state_set(std::string_view word) {
  StateSet connected(kAllStates.begin(), kAllStates.end());
  for (const SocketState apart :
       {SocketState::Listen, SocketState::Close, SocketState::Unconnected, SocketState::Unbound}) {
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
