#include <set>

#include <fmt/format.h>

#include "query/report/answers/show.h"
#include "query/report/words/socket_words.h"
#include "schema/model/socket.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Family;
using schema::Protocol;
using schema::Socket;
using schema::SocketState;

// netstat pads by bytes, and so does this layout.
std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) {
    text.append(width - text.size(), ' ');
  }
  return text;
}

// Sample: ":::22", "0.0.0.0:*", "127.0.0.1:5002" for a mapped peer of a tcp6 socket.
std::string end_text(const schema::IpAddress& address, schema::Port port) {
  const std::string number = port == schema::Port(0) ? "*" : std::to_string(port.value());
  return schema::plain_address(address).text() + ":" + number;
}

std::string state_text(const Socket& socket) {
  // Raw sockets show the kernel's number, connected ones as well.
  if (socket.protocol == Protocol::Raw) {
    return socket.state == SocketState::Unconnected
               ? "7"
               : std::to_string(static_cast<unsigned>(socket.state));
  }
  if (socket.state == SocketState::Unconnected) {
    return {};
  }
  return std::string(schema::state_name(socket.state));
}

std::string program_text(const schema::SnapshotView& view, const ListedSocket& row, bool all) {
  std::string text;
  for (const schema::Holder& holder : row.holders) {
    const schema::Process& process = view.process(holder.process);
    const SafeText name = SafeText::host(process.name);
    text += fmt::format("{}{}/{}", text.empty() ? "" : ",", process.pid.value(), name.text());
    if (!all) {
      break;
    }
  }
  return text.empty() ? "-" : text;
}

std::string inet_line(const ShowInput& input, const ShowStyle& style, const ListedSocket& row) {
  const Socket& socket = input.view.socket(row.index);
  const std::string protocol = std::string(schema::protocol_name(socket.protocol)) +
                               (socket.family == Family::Ipv6 ? "6" : "");
  std::string line = fmt::format("{:<4}  {:>6} {:>6} {:<23} {:<23} {:<11}",
                                 protocol,
                                 socket.queues.recv_q,
                                 socket.queues.send_q,
                                 end_text(socket.local_address, socket.local_port),
                                 end_text(socket.remote_address, socket.remote_port),
                                 state_text(socket));
  if (style.extended) {
    line +=
        fmt::format(" {:<10} {:<10}", socket.uid ? socket.uid->value() : 0, socket.inode.value());
  }
  return line + " " + padded(program_text(input.view, row, style.all_holders), 20);
}

std::string forward_line(const ShowInput& input, const ListedSocket& row) {
  const Socket& socket = input.view.socket(row.index);
  const std::string protocol = std::string(schema::protocol_name(socket.protocol)) +
                               (socket.family == Family::Ipv6 ? "6" : "");
  return fmt::format("{:<4}  {:<31} {:<31} {:<11} {}",
                     protocol,
                     local_text(socket).text(),
                     remote_text(socket).text(),
                     schema::state_name(socket.state),
                     SafeText::host(socket.rule).text());
}

std::string_view unix_type(const Socket& socket) {
  switch (socket.type) {
    case schema::SocketType::Stream:
      return "STREAM";
    case schema::SocketType::Dgram:
      return "DGRAM";
    case schema::SocketType::Raw:
      return "RAW";
    case schema::SocketType::Rdm:
      return "RDM";
    case schema::SocketType::SeqPacket:
      return "SEQPACKET";
    default:
      return "UNKNOWN";
  }
}

std::string_view unix_state(const Socket& socket) {
  switch (socket.state) {
    case SocketState::Listen:
      return "LISTENING";
    case SocketState::Established:
      return "CONNECTED";
    case SocketState::SynSent:
    case SocketState::SynRecv:
      return "CONNECTING";
    case SocketState::Closing:
      return "DISCONNECTING";
    default:
      return "";
  }
}

std::string unix_line(const ShowInput& input, const ShowStyle& style, const ListedSocket& row) {
  const Socket& socket = input.view.socket(row.index);
  const bool listens = socket.state == SocketState::Listen;
  // The kernel counts the descriptor, itself and a peer; the count itself is not recorded.
  const bool has_peer = socket.peer.value() != 0 || socket.state == SocketState::Established;
  const int references = has_peer ? 3 : 2;
  return fmt::format("unix  {:<6} {:<11} {:<10} {:<13} {:<8} {} {}",
                     references,
                     listens ? "[ ACC ]" : "[ ]",
                     unix_type(socket),
                     unix_state(socket),
                     socket.inode.value(),
                     padded(program_text(input.view, row, style.all_holders), 20),
                     unix_name(socket.name).text());
}

std::string_view selection_words(Breadth breadth) {
  return breadth == Breadth::Listening ? "(only servers)" : "(servers and established)";
}

// The host's own namespace first, as netstat shows it, and each other one under its label.
std::vector<std::string> find_namespaces(const ShowInput& input) {
  std::set<std::string> others;
  for (const ListedSocket& row : input.rows) {
    others.emplace(input.view.netns_label(input.view.socket(row.index).netns));
  }
  const bool only_others = !others.empty() && !others.contains("host");
  others.erase("host");
  std::vector<std::string> labels(others.begin(), others.end());
  if (!only_others) {
    labels.insert(labels.begin(), "host");
  }
  return labels;
}

// They are no sockets, and have a heading of their own where there are some.
void add_forwards(Page& page,
                  const ShowInput& input,
                  const std::string& label,
                  const std::string& place) {
  bool titled = false;
  for (const ListedSocket& row : input.rows) {
    const Socket& socket = input.view.socket(row.index);
    if (!schema::is_forward(socket) || input.view.netns_label(socket.netns) != label) {
      continue;
    }
    if (!titled) {
      page.add(SafeText::own("Ports that lead elsewhere (NAT rules)" + place));
      page.add(SafeText::own(fmt::format(
          "{:<4} {:<31} {:<31} {:<11} {}", "Proto", "Local Address", "Leads To", "State", "Rule")));
      titled = true;
    }
    page.add(SafeText::own(forward_line(input, row)));
  }
}

void add_namespace(Page& page,
                   const ShowInput& input,
                   const ShowStyle& style,
                   const std::string& label) {
  const auto add = [&](const std::string& line) { page.add(SafeText::own(line)); };
  const auto add_rows = [&](auto belongs, auto line) {
    for (const ListedSocket& row : input.rows) {
      const Socket& socket = input.view.socket(row.index);
      if (belongs(socket) && input.view.netns_label(socket.netns) == label) {
        add(line(input, style, row));
      }
    }
  };
  const std::string place = label == "host" ? "" : " in " + SafeText::host(label).text();
  if (style.inet) {
    add(fmt::format("Active Internet connections {}{}", selection_words(style.breadth), place));
    add(std::string(
            "Proto Recv-Q Send-Q Local Address           Foreign Address         State      ") +
        (style.extended ? " User       Inode     " : "") + " PID/Program name    ");
    add_rows(
        [](const Socket& socket) { return schema::is_inet(socket) && !schema::is_forward(socket); },
        inet_line);
    add_forwards(page, input, label, place);
  }
  if (style.unix_domain) {
    add(fmt::format("Active UNIX domain sockets {}{}", selection_words(style.breadth), place));
    add("Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path");
    add_rows([](const Socket& socket) { return socket.family == Family::Unix; }, unix_line);
  }
}

}  // namespace

Page lay_out_netstat(const ShowInput& input, const ShowStyle& style) {
  Page page;
  for (const std::string& label : find_namespaces(input)) {
    add_namespace(page, input, style, label);
  }
  return page;
}

}  // namespace sockwitness::query
