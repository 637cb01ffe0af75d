#include "recorder/netlink/connection.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

namespace sockwitness::recorder {
namespace {

// Twice what the kernel puts into one datagram of a dump. Source: net/netlink/af_netlink.c.
constexpr std::size_t kBufferSize = 64U << 10U;
constexpr int kReceiveBuffer = 4 << 20;
constexpr timeval kPatience{.tv_sec = 3, .tv_usec = 0};
const char* const kObject = "sock_diag";

struct Received {
  std::size_t size = 0;
  bool truncated = false;
};

// One datagram from the kernel; those of anyone else are thrown away.
Result<Received> receive(int socket, std::vector<std::byte>& buffer) {
  while (true) {
    sockaddr_nl sender{};
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof(sender);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const ssize_t got = ::recvmsg(socket, &message, 0);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return last_error("receiving", kObject);
    }
    if (message.msg_namelen != sizeof(sender) || sender.nl_pid != 0) {
      continue;
    }
    return Received{static_cast<std::size_t>(got), (message.msg_flags & MSG_TRUNC) != 0};
  }
}

bool send_request(int socket, const DumpRequest& request) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  while (::sendto(socket,
                  request.bytes().data(),
                  request.bytes().size(),
                  0,
                  reinterpret_cast<const sockaddr*>(&kernel),
                  sizeof(kernel)) < 0) {
    if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

DumpEnd ended_by(int error_number) {
  return {error_number == 0 ? DumpOutcome::Complete : classify_dump_error(error_number),
          error_number};
}

}  // namespace

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
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket.valid()) {
    return last_error("opening", kObject);
  }
  // Refusals matter little: the default size works, with more dumps to repeat.
  static_cast<void>(
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer)));
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience)) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience)) != 0) {
    return last_error("setting a time limit on", kObject);
  }
  struct stat status {};
  if (::fstat(socket.get(), &status) != 0) {
    return last_error("looking at", kObject);
  }
  buffer.resize(kBufferSize);
  return DiagConnection(std::move(socket), schema::Inode(status.st_ino), buffer);
}

DumpEnd DiagConnection::read_dump(DiagTable table, DumpContent& content) {
  const auto request = build_dump_request(table, ++sequence_);
  if (!request) {
    return {DumpOutcome::Missing, EOPNOTSUPP};
  }
  if (!send_request(socket_.get(), *request)) {
    return ended_by(errno);
  }
  bool interrupted = false;
  while (true) {
    const auto received = receive(socket_.get(), *buffer_);
    if (!received) {
      return ended_by(received.error().number);
    }
    if (received.value().truncated) {
      return ended_by(EMSGSIZE);
    }
    const auto datagram = Bytes(buffer_->data(), received.value().size);
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
