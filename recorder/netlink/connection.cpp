#include "recorder/netlink/connection.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/stat.h>

#include "recorder/netlink/datagram.h"

namespace sockwitness::recorder {
namespace {

const char* const kSockDiag = "sock_diag";

DumpEnd ended_by(int error_number) {
  return {error_number == 0 ? DumpOutcome::Complete : classify_dump_error(error_number),
          error_number};
}

}  // namespace

schema::GapReason gap_reason_of(DumpOutcome outcome) {
  switch (outcome) {
    case DumpOutcome::Interrupted:
      return schema::GapReason::Interrupted;
    case DumpOutcome::Denied:
      return schema::GapReason::Permission;
    case DumpOutcome::TimedOut:
      return schema::GapReason::TimedOut;
    case DumpOutcome::Truncated:
      return schema::GapReason::Truncated;
    case DumpOutcome::Missing:
      return schema::GapReason::NotSupported;
    case DumpOutcome::Complete:
    case DumpOutcome::Failed:
      break;
  }
  return schema::GapReason::Failed;
}

DumpOutcome classify_dump_error(int error_number) {
  switch (error_number) {
    case ENOENT:  // no diag handler for the family or protocol
    case EOPNOTSUPP:
    case EPROTONOSUPPORT:  // no sock_diag at all
    case EAFNOSUPPORT:
      return DumpOutcome::Missing;
    case EPERM:
    case EACCES:
      return DumpOutcome::Denied;
    case EAGAIN:
    case ETIMEDOUT:
      return DumpOutcome::TimedOut;
    case EINTR:
    case ENOBUFS:
    case EBUSY:
      return DumpOutcome::Interrupted;
    case EMSGSIZE:
      return DumpOutcome::Truncated;
    default:
      return DumpOutcome::Failed;
  }
}

Result<DiagConnection> DiagConnection::open(std::vector<std::byte>& buffer) {
  auto opened = open_netlink(NETLINK_SOCK_DIAG, kSockDiag, buffer);
  if (!opened) {
    return opened.error();
  }
  UniqueFd socket = std::move(opened.value());
  struct stat status {};
  if (::fstat(socket.get(), &status) != 0) {
    return last_error("looking at", kSockDiag);
  }
  return DiagConnection(std::move(socket), schema::Inode(status.st_ino), buffer);
}

DumpEnd DiagConnection::read_dump(DiagTable table, DumpContent& content) {
  const auto request = build_dump_request(table, ++sequence_);
  if (!request) {
    return {DumpOutcome::Missing, EOPNOTSUPP};
  }
  if (const int error_number = send_to_kernel(socket_.get(), request->bytes()); error_number != 0) {
    return ended_by(error_number);
  }
  bool interrupted = false;
  while (true) {
    const auto received = receive_from_kernel(socket_.get(), kSockDiag, *buffer_);
    if (!received) {
      return ended_by(received.error().number);
    }
    const auto datagram = Bytes(buffer_->data(), received.value());
    const auto step = decode_datagram(datagram, table, sequence_, content);
    interrupted |= step.interrupted;
    if (step.done && step.error_number != 0) {
      return ended_by(step.error_number);
    }
    if (step.done) {
      return {interrupted ? DumpOutcome::Interrupted : DumpOutcome::Complete, 0};
    }
  }
}

}  // namespace sockwitness::recorder
