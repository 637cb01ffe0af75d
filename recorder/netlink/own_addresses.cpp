#include "recorder/netlink/own_addresses.h"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>
#include <string_view>

#include "recorder/netlink/datagram.h"

namespace sockwitness::recorder {
namespace {

const char* const kRtnetlink = "rtnetlink";

// The own end of a point to point line is IFA_LOCAL; elsewhere IFA_ADDRESS says the same.
bool decode_address(Bytes payload, AddressAnswer& answer) {
  if (!decode_struct<ifaddrmsg>(payload)) {
    return false;
  }
  AttributeReader reader(after_struct(payload, sizeof(ifaddrmsg)));
  std::optional<schema::IpAddress> local;
  std::optional<schema::IpAddress> address;
  while (const auto attribute = reader.next()) {
    const Bytes bytes = attribute->payload;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (attribute->type == IFA_LOCAL) {
      local = schema::IpAddress::from_bytes(text);
    } else if (attribute->type == IFA_ADDRESS) {
      address = schema::IpAddress::from_bytes(text);
    }
  }
  const auto own = local ? local : address;
  if (own && own->ip_class() != schema::IpClass::Loopback) {
    answer.addresses.push_back(*own);
  }
  return own && !reader.malformed();
}

}  // namespace

void decode_addresses(Bytes datagram, std::uint32_t sequence, AddressAnswer& answer) {
  MessageReader reader(datagram);
  while (const auto message = reader.next()) {
    if (message->sequence != sequence || message->type == NLMSG_NOOP) {
      continue;
    }
    answer.failed |= (message->flags & NLM_F_DUMP_INTR) != 0;
    if (message->type == NLMSG_DONE || message->type == NLMSG_ERROR) {
      const auto number = decode_struct<std::int32_t>(message->payload);
      answer.done = true;
      answer.failed |= !number || *number != 0;
      return;
    }
    answer.failed |= message->type != RTM_NEWADDR || !decode_address(message->payload, answer);
  }
  answer.failed |= reader.malformed();
}

Result<std::vector<schema::IpAddress>> read_own_addresses(std::vector<std::byte>& buffer) {
  const auto socket = open_netlink(NETLINK_ROUTE, kRtnetlink, buffer);
  if (!socket) {
    return socket.error();
  }
  struct {
    nlmsghdr head;
    ifaddrmsg body;
  } request{};
  request.head.nlmsg_len = sizeof(request);
  request.head.nlmsg_type = RTM_GETADDR;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.head.nlmsg_seq = 1;
  request.body.ifa_family = AF_UNSPEC;
  const auto bytes = std::as_bytes(std::span(&request, 1));
  if (const int number = send_to_kernel(socket.value().get(), bytes); number != 0) {
    return SysError{number, "asking", kRtnetlink};
  }
  AddressAnswer answer;
  while (!answer.done) {
    const auto received = receive_from_kernel(socket.value().get(), kRtnetlink, buffer);
    if (!received) {
      return received.error();
    }
    decode_addresses(Bytes(buffer.data(), received.value()), request.head.nlmsg_seq, answer);
  }
  if (answer.failed) {
    return SysError{EBADMSG, "reading", kRtnetlink};
  }
  return std::move(answer.addresses);
}

}  // namespace sockwitness::recorder
