#include <algorithm>
#include <map>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "query/rules/holdings.h"
#include "query/rules/stage_parts.h"
#include "query/rules/table_writer.h"
#include "schema/base/escape.h"
#include "schema/model/snapshot.h"
#include "schema/view/address_pattern.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Family;
using schema::IpAddress;
using schema::Port;
using schema::Protocol;
using schema::Socket;
using schema::SocketIndex;

using NameOfPort = std::map<std::pair<Protocol, Port>, std::string_view>;

std::string end_text(const IpAddress& address, Port port) {
  return address.is_v6() ? fmt::format("[{}]:{}", address.text(), port.value())
                         : fmt::format("{}:{}", address.text(), port.value());
}

std::string_view class_word(const IpAddress& address) {
  return schema::ip_class_word(schema::plain_address(address).ip_class());
}

class SocketRows {
 public:
  SocketRows(SQLite::Database& database, const StageInput& input)
      : input_(input), row_(database, "sockets") {
    for (const PortName& entry : input.port_names) {
      names_.try_emplace({entry.protocol, entry.port}, entry.name);
    }
  }

  void add(SocketIndex index) {
    const Socket& socket = input_.host.view().socket(index);
    row_.number("id", index.value())
        .text("protocol", schema::protocol_name(socket.protocol))
        .text("family", schema::family_name(socket.family))
        .text("state", schema::state_name(socket.state))
        .text("netns", input_.host.view().netns_label(socket.netns));
    add_ends(socket);
    add_meaning(socket, index);
    add_local_families(socket);
    add_state(socket, index);
    row_.end_row();
  }

 private:
  void add_ends(const Socket& socket) {
    const bool inet = schema::is_inet(socket);
    const bool connected = schema::is_connected(socket);
    const auto number = [](bool known, Port port) {
      return known ? std::optional<std::int64_t>(port.value()) : std::nullopt;
    };
    row_.text("local", inet ? end_text(socket.local_address, socket.local_port) : socket.name)
        .text("local_address", inet ? socket.local_address.text() : std::string())
        .number("local_port", number(inet, socket.local_port))
        .text("local_class", inet ? class_word(socket.local_address) : std::string_view())
        .text("remote",
              connected ? end_text(socket.remote_address, socket.remote_port) : std::string())
        .text("remote_address", connected ? socket.remote_address.text() : std::string())
        .number("remote_port", number(connected, socket.remote_port))
        .text("remote_class", connected ? class_word(socket.remote_address) : std::string_view());
  }

  void add_meaning(const Socket& socket, SocketIndex index) {
    const auto& peer = input_.host.peers()[index.value()];
    const schema::Context& context = input_.host.view().snapshot().context;
    const schema::PortRange range{context.ephemeral_first, context.ephemeral_last};
    const bool inet = schema::is_inet(socket);
    const auto direction = input_.host.direction(index);
    const bool outbound = direction && direction->way == schema::Way::Outbound;
    const auto rpc = input_.host.view().rpc_programs(socket);
    row_.flag("inet", inet)
        .flag("listening", offers_service(socket))
        .flag("connected", schema::is_connected(socket))
        .flag("loopback", schema::is_loopback(socket))
        .flag("ephemeral", inet && range.contains(socket.local_port))
        .text("direction", direction ? schema::way_word(direction->way) : std::string_view())
        .text("direction_evidence",
              direction ? schema::evidence_word(direction->evidence) : std::string_view())
        .number("peer", peer ? std::optional<std::int64_t>(peer->value()) : std::nullopt)
        .text("service_name",
              inet ? find_name(socket.protocol, outbound ? socket.remote_port : socket.local_port)
                   : std::string_view())
        .number("rpc_program",
                rpc.empty() ? std::nullopt : std::optional<std::int64_t>(rpc.front()));
  }

  void add_local_families(const Socket& socket) {
    const bool packet = socket.family == Family::Packet;
    row_.text("name", socket.name)
        .flag("abstract", socket.family == Family::Unix && socket.name.starts_with('\0'))
        .text("interface", socket.interface_name)
        .number("ethertype", packet ? std::optional<std::int64_t>(socket.number) : std::nullopt)
        .number("number",
                socket.family == Family::Netlink || socket.family == Family::Other
                    ? std::optional<std::int64_t>(socket.number)
                    : std::nullopt)
        .number("filter_length",
                socket.filter_length ? std::optional<std::int64_t>(*socket.filter_length)
                                     : std::nullopt)
        .text("filter_sha256", schema::hex(socket.filter_sha256))
        .flag("promiscuous", socket.promiscuous);
  }

  void add_state(const Socket& socket, SocketIndex index) {
    const schema::WallTime now = input_.host.view().snapshot().begin.wall;
    const auto seen = input_.host.seen(index);
    const auto micros = [&](auto value_of) {
      return !seen ? std::nullopt : std::optional<std::int64_t>(value_of(*seen));
    };
    row_.number("backlog", socket.backlog)
        .number("recv_q", socket.queues.recv_q)
        .number("send_q", socket.queues.send_q)
        .number("uid", socket.uid ? std::optional<std::int64_t>(socket.uid->value()) : std::nullopt)
        .text("user", socket.uid ? user_word(input_.host.view(), *socket.uid) : std::string())
        .bits("inode", socket.inode.value())
        .number("holders", static_cast<std::int64_t>(input_.host.view().holders(index).size()))
        .text("no_holder", schema::no_holder_word(socket.no_holder))
        .number("first_seen_us",
                micros([](const auto& lifetime) { return lifetime.since().microseconds; }))
        .number("last_seen_us",
                micros([](const auto& lifetime) { return lifetime.last.microseconds; }))
        .number("age_seconds", micros([&](const auto& lifetime) {
                  return (now.microseconds - lifetime.since().microseconds) / 1'000'000;
                }));
  }

  [[nodiscard]] std::string_view find_name(Protocol protocol, Port port) const {
    const auto found = names_.find({protocol, port});
    return found == names_.end() ? std::string_view() : found->second;
  }

  const StageInput& input_;
  TableWriter row_;
  NameOfPort names_;
};

}  // namespace

void stage_sockets(SQLite::Database& database, const StageInput& input) {
  SocketRows rows(database, input);
  for (std::uint32_t at = 0; at < input.host.peers().size(); ++at) {
    if (!schema::is_forward(input.host.view().snapshot().sockets[at])) {
      rows.add(SocketIndex(at));
    }
  }
}

}  // namespace sockwitness::query
