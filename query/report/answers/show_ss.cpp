#include <algorithm>

#include <fmt/format.h>

#include "query/report/answers/show.h"
#include "query/report/words/socket_words.h"
#include "schema/model/socket.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Family;
using schema::IpClass;
using schema::Protocol;
using schema::Socket;
using schema::SocketState;
using schema::SocketType;

// An address column and the joined one behind it, which begins with its own separator.
struct End {
  SafeText address;
  SafeText port;
};

SafeText net_id(const Socket& socket) {
  const bool stream = socket.type == SocketType::Stream;
  switch (socket.protocol) {
    case Protocol::Unix:
      return stream
                 ? SafeText("u_str")
                 : (socket.type == SocketType::SeqPacket ? SafeText("u_seq") : SafeText("u_dgr"));
    case Protocol::Packet:
      return socket.type == SocketType::Raw ? SafeText("p_raw") : SafeText("p_dgr");
    case Protocol::Netlink:
      return "nl";
    case Protocol::Vsock:
      return stream ? SafeText("v_str") : SafeText("v_dgr");
    default:
      return SafeText::own(schema::protocol_name(socket.protocol));
  }
}

SafeText state_text(SocketState state) {
  switch (state) {
    case SocketState::Established:
      return "ESTAB";
    case SocketState::Close:
    case SocketState::Unconnected:
    case SocketState::Unbound:
      return "UNCONN";
    case SocketState::FinWait1:
      return "FIN-WAIT-1";
    case SocketState::FinWait2:
      return "FIN-WAIT-2";
    default:
      break;
  }
  std::string word(schema::state_name(state));
  std::replace(word.begin(), word.end(), '_', '-');
  return SafeText::own(word);
}

SafeText port_text(std::uint32_t port) {
  return SafeText::own(port == 0 ? ":*" : fmt::format(":{}", port));
}

// A wildcard of an IPv6 socket that takes IPv4 as well is "*", one that does not is "[::]".
End inet_end(const schema::IpAddress& address,
             schema::Port port,
             const Socket& socket,
             bool local) {
  SafeText text = SafeText::own(address.text());
  if (address.is_v6()) {
    const bool wildcard = address.ip_class() == IpClass::Any && !socket.v6only.value_or(false);
    text = wildcard ? SafeText("*") : "[" + text + "]";
  }
  if (local && !socket.interface_name.empty()) {
    text += "%" + SafeText::host(socket.interface_name);
  }
  return {text, port_text(port.value())};
}

// "CID:PORT" in two.
End vsock_end(const std::string& name) {
  const auto colon = name.rfind(':');
  if (colon == std::string::npos) {
    return {"*", ":*"};
  }
  return {SafeText::host(name.substr(0, colon)), SafeText::host(name.substr(colon))};
}

End local_end(const Socket& socket) {
  switch (socket.family) {
    case Family::Ipv4:
    case Family::Ipv6:
      return inet_end(socket.local_address, socket.local_port, socket, true);
    case Family::Unix:
      return {socket.name.empty() ? SafeText("*") : unix_name(socket.name),
              SafeText::own(fmt::format(" {}", socket.inode.value()))};
    case Family::Packet:
      return {
          socket.number == 3 ? SafeText("*") : SafeText::own(fmt::format("[{}]", socket.number)),
          ":" + (socket.interface_name.empty() ? SafeText("*")
                                               : SafeText::host(socket.interface_name))};
    case Family::Netlink:
      return {SafeText::own(std::to_string(socket.number)),
              SafeText::own(fmt::format(":{}", socket.port_id))};
    case Family::Vsock:
      return vsock_end(socket.name);
    case Family::Other:
      break;
  }
  return {"*", ":*"};
}

End remote_end(const Socket& socket) {
  switch (socket.family) {
    case Family::Ipv4:
    case Family::Ipv6:
      return inet_end(socket.remote_address, socket.remote_port, socket, false);
    case Family::Unix:
      return {"*", SafeText::own(fmt::format(" {}", socket.peer.value()))};
    case Family::Vsock:
      return vsock_end(socket.remote_name);
    default:
      return {SafeText(), "*"};
  }
}

SafeText users_text(const schema::SnapshotView& view, const ListedSocket& row) {
  std::vector<SafeText> users;
  for (const schema::Holder& holder : row.holders) {
    const schema::Process& process = view.process(holder.process);
    users.push_back(
        "(\"" + SafeText::host(process.name) +
        SafeText::own(fmt::format("\",pid={},fd={})", process.pid.value(), holder.fd.value())));
  }
  return users.empty() ? SafeText() : "users:(" + join(users, ",") + ")";
}

SafeText extended_text(const Socket& socket) {
  std::string text;
  if (socket.uid && socket.uid->value() != 0) {
    text += fmt::format("uid:{} ", socket.uid->value());
  }
  if (socket.inode.value() != 0) {
    text += fmt::format("ino:{} ", socket.inode.value());
  }
  text += fmt::format("sk:{:x}", socket.cookie.value());
  if (socket.v6only && schema::waits_for_peers(socket)) {
    text += fmt::format(" v6only:{}", *socket.v6only ? 1 : 0);
  }
  return SafeText::own(text);
}

}  // namespace

Page lay_out_ss(const ShowInput& input, const ShowStyle& style) {
  Table table{{{"Netid"},
               {"State"},
               {"Recv-Q"},
               {"Send-Q"},
               {"Local Address", Align::Right},
               {":Port", Align::Left, true},
               {"Peer Address", Align::Right},
               {":Port", Align::Left, true},
               {"Process"}},
              {},
              true};
  const schema::SnapshotView& view = input.view;
  for (const ListedSocket& row : input.rows) {
    const Socket& socket = view.socket(row.index);
    const bool listens = socket.state == SocketState::Listen;
    const End local = local_end(socket);
    const End remote = remote_end(socket);
    const auto label = view.netns_label(socket.netns);
    SafeText process =
        join(std::vector{schema::is_forward(socket) ? "rule:(" + SafeText::host(socket.rule) + ")"
                                                    : users_text(view, row),
                         style.extended ? extended_text(socket) : SafeText(),
                         label == "host" ? SafeText() : "netns:" + SafeText::host(label)},
             " ");
    table.rows.push_back(
        {{net_id(socket)},
         {state_text(socket.state)},
         {SafeText::own(std::to_string(socket.queues.recv_q))},
         {SafeText::own(std::to_string(listens ? socket.backlog : socket.queues.send_q))},
         {local.address},
         {local.port},
         {remote.address},
         {remote.port},
         {std::move(process)}});
  }
  Page page;
  page.add(std::move(table));
  return page;
}

}  // namespace sockwitness::query
