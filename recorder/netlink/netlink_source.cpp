#include "recorder/netlink/netlink_source.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "recorder/netlink/inside_netns.h"
#include "recorder/netlink/own_addresses.h"
#include "recorder/os/dir.h"

namespace sockwitness::recorder {
namespace {

SocketReading unreadable(schema::GapReason reason, int error_number) {
  schema::Gap gap;
  gap.source = schema::GapSource::Namespace;
  gap.reason = reason;
  gap.error_number = error_number;
  return {{}, {gap}};
}

schema::GapReason table_gap_reason(int error_number) {
  switch (error_number) {
    case EPERM:
    case EACCES:
      return schema::GapReason::Permission;
    case ENOENT:
    case ESRCH:
    case EINVAL:  // what /proc/<pid>/net gives once the process is gone
      return schema::GapReason::Vanished;
    default:
      return schema::GapReason::Failed;
  }
}

}  // namespace

SocketReading NetlinkSource::read_sockets(const NetnsHandle& netns) {
  if (is_own(netns.inode)) {
    return read_here();
  }
  if (!netns.descriptor || !netns.descriptor->valid()) {
    return read_by_member(netns, EACCES);
  }
  SocketReading reading;
  const auto refused = run_inside(netns.descriptor->get(), [&] { reading = read_here(); });
  return refused ? read_by_member(netns, refused->number) : reading;
}

SocketReading NetlinkSource::read_here() {
  const auto net =
      open_at(AT_FDCWD, (proc_root_ + "/thread-self/net").c_str(), O_PATH | O_DIRECTORY);
  TablePass pass(buffer_, net ? net.value().get() : -1, missing_);
  pass.read_with_netlink();
  SocketReading reading = pass.take();
  if (!nat_) {
    nat_.emplace(proc_root_, buffer_);
  }
  nat_->read(net ? net.value().get() : -1, reading);
  leads_elsewhere_ =
      leads_elsewhere_ ||
      std::any_of(reading.sockets.begin(), reading.sockets.end(), [](const schema::Socket& socket) {
        return schema::is_forward(socket);
      });
  // Without them nobody knows whose the addresses are that ports lead to: that is seen there.
  if (leads_elsewhere_) {
    if (auto addresses = read_own_addresses(buffer_)) {
      reading.addresses = std::move(addresses.value());
    }
  }
  return reading;
}

SocketReading NetlinkSource::read_by_member(const NetnsHandle& netns, int entering_error) {
  if (!netns.member) {
    return unreadable(table_gap_reason(entering_error), entering_error);
  }
  // The directory stays that of this process, even if another one gets its number.
  const auto process =
      open_at(AT_FDCWD, (proc_root_ + "/" + std::to_string(netns.member->value())).c_str(), O_PATH);
  if (!process) {
    return unreadable(table_gap_reason(process.error().number), process.error().number);
  }
  const auto net = open_at(process.value().get(), "net", O_PATH | O_DIRECTORY);
  if (!net) {
    return unreadable(table_gap_reason(net.error().number), net.error().number);
  }
  TablePass pass(buffer_, net.value().get(), missing_);
  pass.read_from_outside(entering_error);
  SocketReading reading = pass.take();
  NatReader::note_refused(entering_error, reading);
  // Where the link may be looked at it tells whether the process was, and still is, in there.
  const auto now = stat_at(process.value().get(), "ns/net");
  const bool moved = now.ok() && now.value().st_ino != netns.inode.value();
  const bool gone =
      !now.ok() && table_gap_reason(now.error().number) == schema::GapReason::Vanished;
  if (moved || gone) {
    return unreadable(schema::GapReason::Vanished, gone ? now.error().number : 0);
  }
  return reading;
}

bool NetlinkSource::is_own(schema::Inode netns) const {
  const auto own = stat_at(AT_FDCWD, (proc_root_ + "/thread-self/ns/net").c_str());
  return own.ok() && own.value().st_ino == netns.value();
}

}  // namespace sockwitness::recorder
