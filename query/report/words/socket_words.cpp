#include "query/report/words/socket_words.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include <fmt/format.h>

#include "schema/model/socket.h"
#include "schema/view/container_identity.h"
#include "schema/view/forwards.h"
#include "schema/view/local_addresses.h"
#include "schema/view/socket_traits.h"

namespace sockwitness::query {
namespace {

using schema::Family;
using schema::IpClass;
using schema::Socket;

// The shortest form of a container's id that people know it by.
constexpr std::size_t kShortId = 12;

SafeText ip_end(const schema::IpAddress& address,
                schema::Port port,
                bool dual,
                std::string_view interface) {
  std::string text = address.is_v6() ? fmt::format("[{}]", address.text()) : address.text();
  SafeText end = SafeText::own(dual ? "*" : text);
  if (!interface.empty()) {
    end += "%";
    end += SafeText::host(interface);
  }
  return end + SafeText::own(port == schema::Port(0) ? ":*" : fmt::format(":{}", port.value()));
}

struct NumberWord {
  std::uint32_t number;
  std::string_view word;
};

// Source: include/uapi/linux/netlink.h; the words are ss's.
constexpr auto kNetlinkFamilies = std::to_array<NumberWord>({{0, "rtnl"},
                                                             {3, "fw"},
                                                             {4, "tcpdiag"},
                                                             {5, "nflog"},
                                                             {6, "xfrm"},
                                                             {7, "selinux"},
                                                             {8, "iscsi"},
                                                             {9, "audit"},
                                                             {10, "fiblookup"},
                                                             {11, "connector"},
                                                             {12, "nft"},
                                                             {13, "ip6fw"},
                                                             {14, "dec-rt"},
                                                             {15, "uevent"},
                                                             {16, "genl"},
                                                             {18, "scsi-trans"},
                                                             {19, "ecryptfs"}});

// Source: include/uapi/linux/if_ether.h.
constexpr auto kEthertypes = std::to_array<NumberWord>({{0x0003, "all"},
                                                        {0x0800, "ipv4"},
                                                        {0x0806, "arp"},
                                                        {0x86DD, "ipv6"},
                                                        {0x888E, "eapol"},
                                                        {0x88CC, "lldp"}});

template <std::size_t N>
std::string_view find_word(const std::array<NumberWord, N>& words, std::uint32_t number) {
  const auto found = std::find_if(
      words.begin(), words.end(), [&](const NumberWord& entry) { return entry.number == number; });
  return found == words.end() ? std::string_view() : found->word;
}

SafeText interface_text(const Socket& socket) {
  if (!socket.interface_name.empty()) {
    return SafeText::host(socket.interface_name);
  }
  return socket.interface.value() == 0
             ? SafeText("*")
             : SafeText::own(fmt::format("if{}", socket.interface.value()));
}

SafeText named(std::string_view name, std::optional<schema::Pid> pid, std::string_view script) {
  SafeText text = SafeText::host(name);
  if (pid) {
    text += SafeText::own(fmt::format("({})", pid->value()));
  }
  if (!script.empty()) {
    text += " ";
    text += SafeText::host(script);
  }
  return text;
}

// "10.0.0.2,": those of an SCTP socket beside the one that the kernel names first.
SafeText other_addresses(const Socket& socket) {
  std::string text;
  if (socket.protocol == schema::Protocol::Sctp) {
    for (const schema::IpAddress& address : schema::local_addresses(socket)) {
      text += address == socket.local_address ? std::string() : address.text() + ",";
    }
  }
  return SafeText::own(text);
}

// Of a range of ports that leads elsewhere.
SafeText range_end(schema::Port last) {
  return last == schema::Port(0) ? SafeText() : SafeText::own(fmt::format("-{}", last.value()));
}

bool takes_both(const Socket& socket) {
  return socket.family == Family::Ipv6 && socket.v6only == false &&
         socket.local_address.ip_class() == IpClass::Any;
}

}  // namespace

SafeText unix_name(std::string_view name) {
  return name.starts_with('\0') ? "@" + SafeText::host(name.substr(1)) : SafeText::host(name);
}

SafeText netlink_family(std::uint32_t number) {
  const auto word = find_word(kNetlinkFamilies, number);
  return SafeText::own(word.empty() ? std::to_string(number) : std::string(word));
}

SafeText ethertype(std::uint32_t number) {
  const auto word = find_word(kEthertypes, number);
  return SafeText::own(word.empty() ? fmt::format("0x{:04x}", number) : std::string(word));
}

SafeText local_text(const Socket& socket) {
  switch (socket.family) {
    case Family::Ipv4:
    case Family::Ipv6:
      return other_addresses(socket) +
             ip_end(socket.local_address,
                    socket.local_port,
                    takes_both(socket),
                    socket.interface_name) +
             range_end(socket.local_last);
    case Family::Unix:
      return unix_name(socket.name);
    case Family::Packet:
      return ethertype(socket.number) + ":" + interface_text(socket);
    case Family::Netlink:
      return netlink_family(socket.number) + SafeText::own(fmt::format(":{}", socket.port_id));
    case Family::Vsock:
      return SafeText::host(socket.name);
    case Family::Other:
      break;
  }
  return SafeText::own(fmt::format("address family {}", socket.number));
}

SafeText remote_text(const Socket& socket) {
  if (schema::is_forward(socket)) {
    return SafeText::host(schema::lead_text(socket));
  }
  if (schema::is_connected(socket)) {
    return ip_end(socket.remote_address, socket.remote_port, false, "");
  }
  if (socket.family == Family::Unix && socket.peer.value() != 0) {
    return SafeText::own(fmt::format("inode {}", socket.peer.value()));
  }
  return socket.family == Family::Vsock ? SafeText::host(socket.remote_name) : SafeText();
}

SafeText endpoint_text(const schema::Endpoint& endpoint, std::optional<bool> v6only) {
  if (endpoint.family == Family::Unix) {
    return unix_name(endpoint.name);
  }
  if (endpoint.family == Family::Vsock) {
    return SafeText::host(endpoint.name);
  }
  if (endpoint.family == Family::Packet) {
    return SafeText::host(endpoint.name) + ":" +
           (endpoint.device.empty() ? SafeText("*") : SafeText::host(endpoint.device));
  }
  const bool takes_both = endpoint.family == Family::Ipv6 && v6only == false &&
                          endpoint.address.ip_class() == IpClass::Any;
  return ip_end(endpoint.address, endpoint.port, takes_both, endpoint.device);
}

SafeText place_text(const schema::Endpoint& endpoint, std::optional<bool> v6only) {
  SafeText text = SafeText::own(schema::protocol_name(endpoint.protocol)) + " " +
                  endpoint_text(endpoint, v6only);
  if (schema::is_forward(endpoint)) {
    text += " (" + SafeText::host(endpoint.name) + ")";
  }
  return endpoint.netns == "host" ? text : text + " in " + SafeText::host(endpoint.netns);
}

SafeText process_text(const schema::Process& process) {
  return named(process.name, process.pid, process.script);
}

SafeText process_text(const schema::Owner& owner) {
  return named(owner.name, owner.pid, owner.script);
}

SafeText owner_text(const schema::SnapshotView& view,
                    const Socket& socket,
                    std::span<const schema::Holder> holders) {
  if (schema::is_forward(socket)) {
    return "NAT rule (" + SafeText::host(socket.rule) + ")";
  }
  SafeText text = no_holder_text(socket.no_holder);
  if (!holders.empty()) {
    std::set<schema::ProcessIndex> processes;
    for (const schema::Holder& holder : holders) {
      processes.insert(holder.process);
    }
    text = process_text(view.process(holders.front().process));
    if (processes.size() > 1) {
      text += SafeText::own(fmt::format(" +{}", processes.size() - 1));
    }
  }
  for (const std::uint32_t program : view.rpc_programs(socket)) {
    text += SafeText::own(fmt::format(", RPC {}", program));
  }
  return text;
}

SafeText nobody_text(const schema::Service& service) {
  return service.leads_to.empty() ? no_holder_text(service.no_holder)
                                  : "NAT rule to " + SafeText::host(service.leads_to);
}

SafeText no_holder_text(schema::NoHolderReason reason) {
  using schema::NoHolderReason;
  switch (reason) {
    case NoHolderReason::None:
      return "no holder seen";
    case NoHolderReason::TimeWait:
      return "closed (time-wait)";
    case NoHolderReason::NotAccepted:
      return "not yet accepted";
    case NoHolderReason::Orphaned:
      return "closed by its process";
    case NoHolderReason::Kernel:
      return "kernel";
    case NoHolderReason::OtherPidNamespace:
      return "in another pid namespace";
    case NoHolderReason::Permission:
      return "not visible to the recorder";
    case NoHolderReason::Unread:
      return "could not be read";
    case NoHolderReason::Exited:
      break;
  }
  return "exited meanwhile";
}

SafeText place_text(std::string_view unit,
                    std::string_view container,
                    const std::optional<schema::ContainerFacts>& facts,
                    bool ids) {
  if (container.empty()) {
    return SafeText::host(unit);
  }
  const bool is_id = container.size() > 2 * kShortId &&
                     container.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  const std::string name = schema::container_name(facts);
  if (!name.empty() && !ids) {
    return "container " + SafeText::host(name);
  }
  return "container " + (name.empty() ? SafeText() : SafeText::host(name) + " ") +
         (is_id ? SafeText::host(container.substr(0, kShortId)) + "…" : SafeText::host(container));
}

SafeText user_text(const schema::SnapshotView& view, schema::Uid uid) {
  if (uid == schema::kNoUid) {
    return SafeText::own("?");
  }
  const auto name = view.user_name(uid);
  return name ? SafeText::host(*name) : SafeText::own(std::to_string(uid.value()));
}

}  // namespace sockwitness::query
