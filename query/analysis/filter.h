// Which sockets of a snapshot an answer is about.
//
// In:    what the options said, already parsed.
// Out:   yes or no for one socket.
// Never: hides a socket that no part of the filter excludes; an empty part excludes nothing.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/view/address_pattern.h"
#include "schema/view/endpoint_pattern.h"
#include "schema/view/snapshot_view.h"

namespace sockwitness::query {

enum class Breadth {
  Usual,      // listening and connected
  Listening,  // -l
  All         // -a: bound sockets that do neither as well
};

// A set of socket states.
using StateSet = std::set<schema::SocketState>;
using ProtocolSet = std::set<schema::Protocol>;

struct Filter {
  Breadth breadth = Breadth::Usual;
  ProtocolSet protocols;                 // empty: those of the internet families
  std::optional<schema::Family> family;  // -4 or -6: excludes every other one
  std::optional<StateSet> states;        // decides instead of `reach`
  std::vector<schema::PortRange> ports;  // either end
  std::set<schema::Pid> pids;
  std::vector<std::string> programs;    // part of, or pattern for, name, path or script
  std::vector<std::string> users;       // name or number, of the socket or of a holder
  std::vector<std::string> units;       // name with or without ".service", or pattern
  std::vector<std::string> containers;  // beginning of the id or name, or pattern
  std::vector<std::string> namespaces;  // label, or pattern
  std::vector<std::string> devices;     // name of the interface that it is bound to, or pattern
  std::vector<schema::AddressPattern> local;
  std::vector<schema::AddressPattern> remote;
  std::vector<schema::AddressPattern> either;      // of one end or the other
  std::vector<schema::EndpointPattern> endpoints;  // of the own end
};

[[nodiscard]] bool matches(const Filter& filter,
                           const schema::SnapshotView& view,
                           schema::SocketIndex index);

// The parts of matches() that one value decides: what they refuse, no view can make match. Those of
// the socket alone; an RPC program is taken on trust.
[[nodiscard]] bool socket_fits(const Filter& filter, const schema::Socket& socket);
// Of a protocol and a state alone: -4 and -6 are taken on trust, too.
[[nodiscard]] bool kind_fits(const Filter& filter,
                             schema::Protocol protocol,
                             schema::SocketState state);
// `text` is the name, script or path of a program.
[[nodiscard]] bool program_fits(const Filter& filter, std::string_view text);
[[nodiscard]] bool unit_fits(const Filter& filter, std::string_view unit);
// By the beginning of its id, or by one of its names.
[[nodiscard]] bool container_fits(const Filter& filter,
                                  std::string_view container,
                                  const std::optional<schema::ContainerFacts>& facts);
[[nodiscard]] bool netns_fits(const Filter& filter, std::string_view label);
// `name` is one of its names, empty when the number had none.
[[nodiscard]] bool user_fits(const Filter& filter, schema::Uid uid, std::string_view name);

// A process by itself, whether or not it holds a socket: all that the filter says of holders.
[[nodiscard]] bool matches(const Filter& filter,
                           const schema::SnapshotView& view,
                           const schema::Process& process);
[[nodiscard]] bool asks_for_holders(const Filter& filter);
// The rest of the filter.
[[nodiscard]] Filter without_holders(Filter filter);
// Something of the socket itself that is more than a family or a state.
[[nodiscard]] bool asks_for_ends(const Filter& filter);

// netstat's and ss's words, ss's groups ("connected", "synchronized", "bucket", "big") and "all".
[[nodiscard]] std::optional<StateSet> parse_state_set(std::string_view word);
// ss's words for -A: "tcp", "inet", "all", …; one word, not a list.
[[nodiscard]] std::optional<ProtocolSet> parse_socket_table(std::string_view word);
// The words that the two parsers above know, for messages.
[[nodiscard]] std::vector<std::string> known_states();
[[nodiscard]] std::vector<std::string> known_socket_tables();

}  // namespace sockwitness::query
