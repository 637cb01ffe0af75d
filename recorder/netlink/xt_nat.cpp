#include "recorder/netlink/xt_nat.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sockwitness::recorder {
namespace {

using schema::IpAddress;

// The begin and the end of struct xt_sctp_info, whose header does not compile as C++; numbers of
// chunks lie between them. Source: include/uapi/linux/netfilter/xt_sctp.h.
struct SctpPorts {
  std::uint16_t destination[2];
  std::uint16_t source[2];
};
struct SctpFlags {
  std::uint32_t flags;
  std::uint32_t inverted;
};
constexpr std::uint32_t kSctpDestination = 2;
// Two pairs of ports, 256 bits of chunks, their kind, four flags of three bytes, a count, flags.
constexpr std::size_t kSctpSize = 8 + 32 + 4 + 12 + 4 + 8;

// Ports of a match are numbers of this machine, those of a target are in network order.
bool apply_ports(NatCondition& condition, const std::uint16_t (&ports)[2], bool inverted) {
  const std::vector<PortSpan> spans{{ports[0], ports[1]}};
  condition.limit_ports(inverted ? complement(spans) : spans);
  return ports[0] <= ports[1];
}

void remark_source(NatCondition& condition, const std::uint16_t (&ports)[2]) {
  if (ports[0] != 0 || ports[1] != UINT16_MAX) {
    condition.remark("by source port");
  }
}

bool apply_tcp(Bytes info, NatCondition& condition) {
  const auto tcp = decode_struct<xt_tcp>(info);
  if (!tcp) {
    return false;
  }
  remark_source(condition, tcp->spts);
  return apply_ports(condition, tcp->dpts, (tcp->invflags & XT_TCP_INV_DSTPT) != 0);
}

bool apply_udp(Bytes info, NatCondition& condition) {
  const auto udp = decode_struct<xt_udp>(info);
  if (!udp) {
    return false;
  }
  remark_source(condition, udp->spts);
  return apply_ports(condition, udp->dpts, (udp->invflags & XT_UDP_INV_DSTPT) != 0);
}

bool apply_sctp(Bytes info, NatCondition& condition) {
  const auto ports = decode_struct<SctpPorts>(info);
  const auto end = info.size() < kSctpSize
                       ? std::nullopt
                       : decode_struct<SctpFlags>(info.subspan(kSctpSize - sizeof(SctpFlags)));
  if (!ports || !end) {
    return false;
  }
  return (end->flags & kSctpDestination) == 0 ||
         apply_ports(condition, ports->destination, (end->inverted & kSctpDestination) != 0);
}

bool apply_multiport(Bytes info, NatCondition& condition) {
  const auto multi = decode_struct<xt_multiport_v1>(info);
  if (!multi || multi->count > XT_MULTI_PORTS) {
    return false;
  }
  if (multi->flags == XT_MULTIPORT_SOURCE) {
    condition.remark("by source port");
    return true;
  }
  std::vector<PortSpan> spans;
  for (unsigned at = 0; at < multi->count; ++at) {
    PortSpan span{multi->ports[at], multi->ports[at]};
    if (multi->pflags[at] != 0) {
      if (++at >= multi->count) {
        return false;
      }
      span.last = multi->ports[at];
    }
    spans.push_back(span);
  }
  if (multi->flags == XT_MULTIPORT_EITHER) {
    condition.remark("by either port");
    return true;
  }
  condition.limit_ports(multi->invert != 0 ? complement(spans) : spans);
  return true;
}

bool apply_addrtype(Bytes info, NatCondition& condition) {
  const auto type = decode_struct<xt_addrtype_info_v1>(info);
  if (!type) {
    return false;
  }
  const bool local =
      type->dest == XT_ADDRTYPE_LOCAL && (type->flags & XT_ADDRTYPE_INVERT_DEST) == 0;
  if ((type->dest != 0 && !local) || type->source != 0) {
    condition.remark("by type of address");
  }
  return true;
}

// nf_nat_range and nf_nat_range2 begin alike. Source: include/uapi/linux/netfilter/nf_nat.h.
bool read_range(Bytes info, bool v6, NatTarget& target) {
  const auto range = decode_struct<nf_nat_range>(info);
  if (!range) {
    return false;
  }
  const auto address = [&](const nf_inet_addr& value) {
    const auto* bytes = reinterpret_cast<const char*>(&value);
    return *IpAddress::from_bytes(std::string_view(bytes, v6 ? 16 : 4));
  };
  if ((range->flags & NF_NAT_RANGE_MAP_IPS) != 0) {
    target.address = AddressSpan{address(range->min_addr), address(range->max_addr)};
  }
  if ((range->flags & NF_NAT_RANGE_PROTO_SPECIFIED) != 0) {
    target.ports = PortSpan{ntohs(range->min_proto.all), ntohs(range->max_proto.all)};
  }
  return true;
}

bool read_old_range(Bytes info, NatTarget& target) {
  const auto ranges = decode_struct<nf_nat_ipv4_multi_range_compat>(info);
  if (!ranges || ranges->rangesize != 1) {
    return false;
  }
  const nf_nat_ipv4_range& range = ranges->range[0];
  const auto address = [](std::uint32_t value) {
    const auto* bytes = reinterpret_cast<const char*>(&value);
    return *IpAddress::from_bytes(std::string_view(bytes, sizeof(value)));
  };
  if ((range.flags & NF_NAT_RANGE_MAP_IPS) != 0) {
    target.address = AddressSpan{address(range.min_ip), address(range.max_ip)};
  }
  if ((range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) != 0) {
    target.ports = PortSpan{ntohs(range.min.all), ntohs(range.max.all)};
  }
  return true;
}

}  // namespace

bool apply_xt_match(const XtPart& match, NatCondition& condition) {
  if (match.name == "tcp") {
    return apply_tcp(match.info, condition);
  }
  if (match.name == "udp" || match.name == "udplite") {
    return apply_udp(match.info, condition);
  }
  if (match.name == "sctp") {
    return apply_sctp(match.info, condition);
  }
  if (match.name == "multiport" && match.revision == 1) {
    return apply_multiport(match.info, condition);
  }
  if (match.name == "addrtype" && match.revision == 1) {
    return apply_addrtype(match.info, condition);
  }
  if (match.name != "comment") {
    condition.remark("by " + std::string(match.name));
  }
  return true;
}

XtVerdict read_xt_target(const XtPart& part, bool v6, NatTarget& target) {
  const bool redirect = part.name == "REDIRECT";
  if (part.name == "NETMAP") {
    return XtVerdict::Unknown;
  }
  if (part.name != "DNAT" && !redirect) {
    return XtVerdict::Other;
  }
  target.v6 = v6;
  const bool old = part.revision == 0 && !v6;
  if (part.revision > 2 ||
      !(old ? read_old_range(part.info, target) : read_range(part.info, v6, target))) {
    return XtVerdict::Unknown;
  }
  if (redirect) {
    target.address.reset();
  }
  return redirect || target.address || target.ports ? XtVerdict::Leads : XtVerdict::Unknown;
}

}  // namespace sockwitness::recorder
