#include "tests/live/blind/netlink_faults.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace sockwitness::test {

std::string diag_name(const void* bytes, std::size_t size) {
  nlmsghdr head{};
  if (size < sizeof(head) + 2) {
    return "netlink";
  }
  std::memcpy(&head, bytes, sizeof(head));
  std::array<unsigned char, 2> body{};
  std::memcpy(body.data(), static_cast<const char*>(bytes) + sizeof(head), body.size());
  if (head.nlmsg_type == TCPDIAG_GETSOCK) {
    return "diag:tcp";
  }
  return "diag:" + std::to_string(body[0]) + "/" + std::to_string(body[1]) +
         (head.nlmsg_len > sizeof(head) + sizeof(inet_diag_req_v2) ? "+" : "");
}

void spoil(const Fault& fault, char* bytes, std::size_t size) {
  std::size_t at = 0;
  nlmsghdr head{};
  while (at + sizeof(head) <= size) {
    std::memcpy(&head, bytes + at, sizeof(head));
    if (head.nlmsg_len < sizeof(head) || at + head.nlmsg_len > size) {
      return;
    }
    const std::size_t next = at + ((head.nlmsg_len + 3U) & ~3U);
    const bool last = next + sizeof(head) > size;
    const std::int32_t number = -fault.error_number;
    const bool roomy = head.nlmsg_len >= sizeof(head) + sizeof(number);
    if (fault.kind == FaultKind::Interrupted) {
      head.nlmsg_flags |= NLM_F_DUMP_INTR;
    } else if (last && roomy &&
               (fault.kind == FaultKind::Refused || fault.kind == FaultKind::BadEnd)) {
      head.nlmsg_type = fault.kind == FaultKind::Refused ? NLMSG_ERROR : NLMSG_DONE;
      std::memcpy(bytes + at + sizeof(head), &number, sizeof(number));
    } else if (fault.kind == FaultKind::Garbage && head.nlmsg_type != NLMSG_DONE) {
      std::memset(bytes + at + sizeof(head), 0xff, head.nlmsg_len - sizeof(head));
    }
    std::memcpy(bytes + at, &head, sizeof(head));
    at = next;
  }
}

}  // namespace sockwitness::test
