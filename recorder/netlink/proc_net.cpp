#include "recorder/netlink/proc_net.h"

#include <array>
#include <bit>
#include <cstring>

#include "recorder/netlink/decode.h"
#include "schema/base/scan.h"

namespace sockwitness::recorder {
namespace {

using schema::Family;
using schema::Protocol;

// Takes a line apart from the left; after the first field that is wrong nothing fits any more.
class LineScanner {
 public:
  explicit LineScanner(std::string_view line) : rest_(line) {}

  // A blank-separated number that is a field of its own.
  template <std::integral T>
  T number(int base = 10) {
    schema::skip_blanks(rest_);
    const T value = digits<T>(base);
    ok_ = ok_ && (rest_.empty() || rest_.front() == ' ');
    return value;
  }

  // A number that runs into what follows.
  template <std::integral T>
  T digits(int base) {
    const auto value = schema::scan_number<T>(rest_, base);
    ok_ = ok_ && value.has_value();
    return value.value_or(T{});
  }

  // Exactly eight hexadecimal digits: one 32-bit word.
  std::uint32_t word() {
    auto front = rest_.substr(0, kWordDigits);
    const auto value = schema::scan_number<std::uint32_t>(front, 16);
    ok_ = ok_ && value.has_value() && front.empty() && rest_.size() >= kWordDigits;
    if (ok_) {
      rest_.remove_prefix(kWordDigits);
    }
    return value.value_or(0);
  }

  void literal(std::string_view text) { ok_ = schema::scan_literal(rest_, text) && ok_; }
  void blanks() { schema::skip_blanks(rest_); }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() {
    blanks();
    return rest_.empty();
  }

 private:
  static constexpr std::size_t kWordDigits = 8;
  std::string_view rest_;
  bool ok_ = true;
};

schema::IpAddress scan_address(LineScanner& line, Family family) {
  if (family == Family::Ipv4) {
    return schema::IpAddress::v4(std::bit_cast<std::array<std::uint8_t, 4>>(line.word()));
  }
  std::array<std::uint8_t, 16> bytes;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint32_t)) {
    const std::uint32_t word = line.word();
    std::memcpy(bytes.data() + at, &word, sizeof(word));
  }
  return schema::IpAddress::v6(bytes);
}

bool scan_inet(LineScanner& line, DiagTable table, schema::Socket& socket) {
  line.blanks();
  static_cast<void>(line.digits<std::uint64_t>(10));
  line.literal(": ");
  socket.local_address = scan_address(line, table.family);
  line.literal(":");
  socket.local_port = schema::Port(line.digits<std::uint16_t>(16));
  line.literal(" ");
  socket.remote_address = scan_address(line, table.family);
  line.literal(":");
  socket.remote_port = schema::Port(line.digits<std::uint16_t>(16));
  const auto state = decode_state(table.protocol, line.number<std::uint8_t>(16));
  line.literal(" ");
  const auto sent = line.word();
  line.literal(":");
  const auto received = line.word();
  line.literal(" ");
  static_cast<void>(line.digits<std::uint32_t>(16));  // which timer
  line.literal(":");
  static_cast<void>(line.number<std::uint64_t>(16));  // when it fires
  static_cast<void>(line.number<std::uint32_t>(16));  // retransmissions
  const auto uid = line.number<std::uint32_t>();
  static_cast<void>(line.number<std::int64_t>());  // unanswered probes
  socket.inode = schema::Inode(line.number<std::uint64_t>());
  if (!line.ok() || !state) {
    return false;
  }
  socket.state = *state;
  socket.type = type_of(table.protocol);
  set_owner(socket, uid);
  if (socket.state == schema::SocketState::Listen) {
    socket.queues.recv_q = received;
  } else {
    set_queues(socket, received, sent);
  }
  return true;
}

bool scan_packet(LineScanner& line, schema::Socket& socket) {
  static_cast<void>(line.number<std::uint64_t>(16));  // a hashed pointer
  static_cast<void>(line.number<std::int64_t>());     // references
  const auto type = decode_type(line.number<std::uint32_t>());
  socket.number = line.number<std::uint16_t>(16);
  socket.interface = schema::InterfaceIndex(line.number<std::uint32_t>());
  static_cast<void>(line.number<std::uint32_t>());  // running
  socket.queues.recv_q = line.number<std::uint32_t>();
  socket.uid = schema::Uid(line.number<std::uint32_t>());
  socket.inode = schema::Inode(line.number<std::uint64_t>());
  if (!line.ok() || !type || !line.at_end()) {
    return false;
  }
  socket.state = schema::SocketState::Unconnected;
  socket.type = *type;
  return true;
}

bool scan_netlink(LineScanner& line, schema::Socket& socket) {
  static_cast<void>(line.number<std::uint64_t>(16));  // a hashed pointer
  socket.number = line.number<std::uint32_t>();
  socket.port_id = line.number<std::uint32_t>();
  static_cast<void>(line.number<std::uint32_t>(16));  // multicast groups
  socket.queues.recv_q = line.number<std::uint32_t>();
  socket.queues.send_q = line.number<std::uint32_t>();
  static_cast<void>(line.number<std::int64_t>());   // a dump under way
  static_cast<void>(line.number<std::int64_t>());   // references
  static_cast<void>(line.number<std::uint32_t>());  // drops
  socket.inode = schema::Inode(line.number<std::uint64_t>());
  if (!line.ok() || !line.at_end()) {
    return false;
  }
  socket.state = schema::SocketState::Unconnected;
  socket.type = schema::SocketType::Raw;
  if (socket.port_id == 0) {
    socket.no_holder = schema::NoHolderReason::Kernel;
  }
  return true;
}

// Names in /proc/net/protocols: of IPv4 and IPv6, or whatever two a protocol goes by.
std::array<std::string_view, 2> protocol_words(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp:
      return {"TCP", "TCPv6"};
    case Protocol::Udp:
      return {"UDP", "UDPv6"};
    case Protocol::UdpLite:
      return {"UDP-Lite", "UDPLITEv6"};
    case Protocol::Raw:
      return {"RAW", "RAWv6"};
    case Protocol::Icmp:
      return {"PING", "PINGv6"};
    case Protocol::Unix:
      return {"UNIX", "UNIX-STREAM"};
    case Protocol::Packet:
      return {"PACKET", "PACKET"};
    case Protocol::Netlink:
      return {"NETLINK", "NETLINK"};
    case Protocol::Sctp:
      return {"SCTP", "SCTPv6"};
    case Protocol::Mptcp:
      return {"MPTCP", "MPTCPv6"};
    case Protocol::Dccp:
      return {"DCCP", "DCCPv6"};
    case Protocol::Vsock:
      return {"AF_VSOCK", "AF_VSOCK"};
    case Protocol::Other:
      break;
  }
  return {};
}

std::string_view scan_word(std::string_view& line) {
  schema::skip_blanks(line);
  return schema::scan_until(line, ' ');
}

}  // namespace

const char* proc_net_file(DiagTable table) {
  const bool v6 = table.family == Family::Ipv6;
  switch (table.protocol) {
    case Protocol::Tcp:
      return v6 ? "tcp6" : "tcp";
    case Protocol::Udp:
      return v6 ? "udp6" : "udp";
    case Protocol::UdpLite:
      return v6 ? "udplite6" : "udplite";
    case Protocol::Raw:
      return v6 ? "raw6" : "raw";
    case Protocol::Icmp:
      return v6 ? "icmp6" : "icmp";
    case Protocol::Packet:
      return "packet";
    case Protocol::Netlink:
      return "netlink";
    case Protocol::Unix:
    case Protocol::Sctp:
    case Protocol::Mptcp:
    case Protocol::Vsock:
    case Protocol::Dccp:
    case Protocol::Other:
      break;
  }
  return nullptr;
}

std::optional<schema::Socket> parse_proc_net_line(std::string_view line, DiagTable table) {
  schema::Socket socket;
  socket.protocol = table.protocol;
  socket.family = table.family;
  LineScanner scanner(line);
  bool parsed = false;
  switch (table.family) {
    case Family::Ipv4:
    case Family::Ipv6:
      parsed = scan_inet(scanner, table, socket);
      break;
    case Family::Packet:
      parsed = scan_packet(scanner, socket);
      break;
    case Family::Netlink:
      parsed = scan_netlink(scanner, socket);
      break;
    case Family::Unix:
    case Family::Vsock:
    case Family::Other:
      break;
  }
  return parsed ? std::optional(std::move(socket)) : std::nullopt;
}

std::uint32_t parse_proc_net(std::string_view text,
                             DiagTable table,
                             std::vector<schema::Socket>& sockets) {
  // Every table has a line of titles, also an empty one.
  std::uint32_t wrong = text.find('\n') == std::string_view::npos ? 1 : 0;
  static_cast<void>(schema::scan_until(text, '\n'));
  while (!text.empty()) {
    const bool whole = text.find('\n') != std::string_view::npos;
    auto socket = parse_proc_net_line(schema::scan_until(text, '\n'), table);
    if (socket && whole) {
      sockets.push_back(std::move(*socket));
    } else {
      ++wrong;
    }
  }
  return wrong;
}

bool is_protocol_list(std::string_view text) {
  return text.starts_with("protocol ") && text.ends_with('\n') &&
         text.find("\nTCP ") != std::string_view::npos;
}

SocketCount parse_sockstat(std::string_view text) {
  constexpr std::size_t kMost = 1U << 24U;  // who counts more is mistaken
  SocketCount count;
  while (!text.empty()) {
    auto line = schema::scan_until(text, '\n');
    const auto table = scan_word(line);
    while (!line.empty()) {
      const auto name = scan_word(line);
      const auto number = schema::parse_number<std::size_t>(scan_word(line));
      if (number && *number <= kMost && table == "sockets:" && name == "used") {
        count.used = *number;
      } else if (number && *number <= kMost && table == "TCP:" && name == "tw") {
        count.waiting = *number;
      }
    }
  }
  return count;
}

std::optional<std::int64_t> find_protocol_use(std::string_view text, DiagTable table) {
  const auto words = protocol_words(table.protocol);
  std::optional<std::int64_t> use;
  while (!text.empty()) {
    auto line = schema::scan_until(text, '\n');
    const auto name = scan_word(line);
    const bool first = name == words[0] && table.family != Family::Ipv6;
    const bool second = name == words[1] && table.family != Family::Ipv4;
    if (name.empty() || (!first && !second)) {
      continue;
    }
    static_cast<void>(scan_word(line));  // size of one
    const auto count = schema::parse_number<std::int64_t>(scan_word(line));
    use = use.value_or(0) + count.value_or(0);
  }
  return use;
}

}  // namespace sockwitness::recorder
