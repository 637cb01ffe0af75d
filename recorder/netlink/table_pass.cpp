#include "recorder/netlink/table_pass.h"

#include <algorithm>
#include <utility>

#include "recorder/netlink/filter_digest.h"
#include "recorder/netlink/interfaces.h"
#include "recorder/netlink/proc_net.h"
#include "recorder/os/dir.h"

namespace sockwitness::recorder {
namespace {

using schema::Family;
using schema::GapReason;
using schema::GapSource;
using schema::Protocol;

struct TableEntry {
  DiagTable table;
  bool core;  // every kernel of interest has it: its absence is a gap
};

constexpr std::array kTables = {
    TableEntry{{Protocol::Tcp, Family::Ipv4}, true},
    TableEntry{{Protocol::Tcp, Family::Ipv6}, true},
    TableEntry{{Protocol::Udp, Family::Ipv4}, true},
    TableEntry{{Protocol::Udp, Family::Ipv6}, true},
    TableEntry{{Protocol::UdpLite, Family::Ipv4}, false},
    TableEntry{{Protocol::UdpLite, Family::Ipv6}, false},
    TableEntry{{Protocol::Raw, Family::Ipv4}, true},
    TableEntry{{Protocol::Raw, Family::Ipv6}, true},
    TableEntry{{Protocol::Icmp, Family::Ipv4}, false},
    TableEntry{{Protocol::Icmp, Family::Ipv6}, false},
    TableEntry{{Protocol::Sctp, Family::Ipv4}, false},
    TableEntry{{Protocol::Sctp, Family::Ipv6}, false},
    TableEntry{{Protocol::Mptcp, Family::Ipv4}, false},
    TableEntry{{Protocol::Mptcp, Family::Ipv6}, false},
    TableEntry{{Protocol::Dccp, Family::Ipv4}, false},
    TableEntry{{Protocol::Dccp, Family::Ipv6}, false},
    TableEntry{{Protocol::Unix, Family::Unix}, true},
    TableEntry{{Protocol::Packet, Family::Packet}, true},
    TableEntry{{Protocol::Netlink, Family::Netlink}, true},
    TableEntry{{Protocol::Vsock, Family::Vsock}, false},
};
constexpr int kAttempts = 3;
// Room that is not used costs an address and no memory; growing costs a copy of every socket.
constexpr std::size_t kUsualSockets = 4096;

bool lacks_table(DumpOutcome outcome) {
  return outcome == DumpOutcome::Missing || outcome == DumpOutcome::Denied;
}

// A socket that moves in the kernel's tables during a dump may come twice; the later one stays.
void drop_repeated(std::vector<schema::Socket>& sockets) {
  using Place = std::pair<std::uint64_t, std::size_t>;
  std::vector<Place> places;
  places.reserve(sockets.size());
  for (std::size_t at = 0; at < sockets.size(); ++at) {
    if (const auto cookie = sockets[at].cookie.value(); cookie != 0) {
      places.emplace_back(cookie, at);
    }
  }
  std::sort(places.begin(), places.end());
  std::vector<std::size_t> repeated;
  for (std::size_t at = 0; at + 1 < places.size(); ++at) {
    if (places[at].first == places[at + 1].first) {
      repeated.push_back(places[at].second);
    }
  }
  std::sort(repeated.rbegin(), repeated.rend());
  for (const auto at : repeated) {
    sockets.erase(sockets.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

}  // namespace

void TablePass::read_with_netlink() {
  reading_.sockets.reserve(kUsualSockets);
  // Whatever else it ends in, each family is asked for by itself, and then leaves its gap.
  const bool all_tcp = read_by_netlink(kAllTcp).outcome == DumpOutcome::Complete;
  for (const auto& [table, core] : kTables) {
    if (table.protocol != Protocol::Tcp || !all_tcp) {
      read_table(table, core);
    }
  }
  std::erase_if(reading_.sockets, [this](const schema::Socket& socket) {
    return socket.protocol == Protocol::Netlink &&
           std::find(own_.begin(), own_.end(), socket.inode) != own_.end();
  });
  drop_repeated(reading_.sockets);
  name_interfaces();
}

void TablePass::read_from_outside(int entering_error) {
  const bool denied = entering_error == EPERM || entering_error == EACCES;
  const DumpEnd refused{denied ? DumpOutcome::Denied : DumpOutcome::Failed, entering_error};
  for (const auto& [table, core] : kTables) {
    if (proc_net_file(table) != nullptr) {
      read_by_proc(table, core, refused);
    } else {
      note_absent(table, core, refused);
    }
  }
  name_interfaces();
}

const std::string& TablePass::protocols() {
  if (!protocols_) {
    protocols_.emplace();
    if (!read_file_at(net_directory_, "protocols", *protocols_) || !is_protocol_list(*protocols_)) {
      protocols_->clear();
    }
  }
  return *protocols_;
}

bool TablePass::is_unregistered(DiagTable table) {
  return !protocols().empty() && !find_protocol_use(protocols(), table);
}

// The first line of /proc/net/sockstat counts all but those that only wait for their time to end.
std::size_t TablePass::expect_sockets() const {
  std::string text;
  if (!read_file_at(net_directory_, "sockstat", text)) {
    return 0;
  }
  const SocketCount count = parse_sockstat(text);
  return count.used + count.waiting + (count.used + count.waiting) / 16;
}

void TablePass::read_table(DiagTable table, bool core) {
  // There is no socket of a protocol that the kernel does not know; being asked for one it runs
  // modprobe. The list is newest first, and all of these came after TCP, without which it is none.
  // Source: net/core/sock.c, proto_register.
  if (!core && is_unregistered(table)) {
    return;
  }
  const auto end = read_by_netlink(table);
  if (end.outcome == DumpOutcome::Complete) {
    return;
  }
  if (!lacks_table(end.outcome)) {
    note(table, gap_reason_of(end.outcome), end.error_number);
  } else if (proc_net_file(table) != nullptr) {
    read_by_proc(table, core, end);
  } else {
    note_absent(table, core, end);
  }
}

DumpEnd TablePass::read_by_netlink(DiagTable table) {
  if (table.protocol == Protocol::Icmp || missing_.contains(table)) {
    return {DumpOutcome::Missing, ENOENT};
  }
  DumpEnd end;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (!connection_) {
      auto opened = DiagConnection::open(buffer_);
      if (!opened) {
        const int number = opened.error().number;
        return {classify_dump_error(number), number};
      }
      connection_ = std::move(opened.value());
      own_.push_back(connection_->inode());
    }
    DumpContent content;
    std::swap(content.sockets, reading_.sockets);
    content.expect = [this] { return expect_sockets(); };
    const auto before = content.sockets.size();
    end = connection_->read_dump(table, content);
    if (end.outcome != DumpOutcome::Complete) {
      content.sockets.resize(before);
    }
    std::swap(content.sockets, reading_.sockets);
    if (end.outcome == DumpOutcome::Complete) {
      for (const auto& filter : content.filters) {
        reading_.sockets[filter.socket].filter_sha256 = hash_filter(filter.instructions);
      }
      if (content.malformed > 0) {
        note(table, GapReason::Failed, EBADMSG, content.malformed);
      }
      return end;
    }
    if (lacks_table(end.outcome)) {
      if (end.outcome == DumpOutcome::Missing && !table.both_families) {
        missing_.add(table);
      }
      return end;
    }
    connection_.reset();
    if (end.outcome != DumpOutcome::Interrupted) {
      return end;
    }
  }
  return end;
}

void TablePass::read_by_proc(DiagTable table, bool core, DumpEnd refused) {
  const auto got = read_file_at(net_directory_, proc_net_file(table), text_, std::size_t{1} << 30U);
  if (!got) {
    const int number = got.error().number;
    if (number == ENOENT) {
      note_absent(table, core, refused);
    } else {
      const bool denied = number == EACCES || number == EPERM;
      note(table, denied ? GapReason::Permission : GapReason::Failed, number);
    }
    return;
  }
  const auto wrong = parse_proc_net(text_, table, reading_.sockets);
  if (wrong > 0) {
    note(table, GapReason::Failed, 0, wrong);
  }
}

void TablePass::note_absent(DiagTable table, bool core, DumpEnd refused) {
  if (!protocols().empty()) {
    const auto use = find_protocol_use(protocols(), table);
    if (!use || (!core && *use <= 0)) {
      return;
    }
  }
  note(table, gap_reason_of(refused.outcome), refused.error_number);
}

void TablePass::note(DiagTable table, GapReason reason, int error_number, std::uint32_t count) {
  schema::Gap gap;
  gap.source = GapSource::SocketTable;
  gap.reason = reason;
  gap.object = table.protocol;
  gap.error_number = error_number;
  gap.count = count;
  if (std::find(reading_.gaps.begin(), reading_.gaps.end(), gap) == reading_.gaps.end()) {
    reading_.gaps.push_back(std::move(gap));
  }
}

void TablePass::name_interfaces() {
  if (!any_bound_to_interface(reading_.sockets)) {
    return;
  }
  const int error_number =
      connection_ ? read_interface_names(connection_->descriptor(), reading_.sockets) : EPERM;
  if (error_number != 0) {
    schema::Gap gap;
    gap.source = GapSource::Interfaces;
    gap.reason = error_number == EPERM ? GapReason::Permission : GapReason::Failed;
    gap.object = schema::GapPart::InterfaceNames;
    gap.error_number = error_number;
    reading_.gaps.push_back(std::move(gap));
  }
}

}  // namespace sockwitness::recorder
