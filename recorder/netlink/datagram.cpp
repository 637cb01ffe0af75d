#include "recorder/netlink/datagram.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>

namespace sockwitness::recorder {
namespace {

// Twice what the kernel puts into one datagram of a dump. Source: net/netlink/af_netlink.c.
constexpr std::size_t kBufferSize = 64U << 10U;
constexpr int kReceiveBuffer = 4 << 20;
constexpr timeval kPatience{.tv_sec = 3, .tv_usec = 0};

}  // namespace

Result<UniqueFd> open_netlink(int protocol, const char* object, std::vector<std::byte>& buffer) {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!socket.valid()) {
    return last_error("opening", object);
  }
  // Refusals matter little: the default size works, with more dumps to repeat.
  static_cast<void>(
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer)));
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience)) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience)) != 0) {
    return last_error("setting a time limit on", object);
  }
  buffer.resize(std::max(buffer.size(), kBufferSize));
  return socket;
}

int send_to_kernel(int socket, std::span<const std::byte> request) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  while (::sendto(socket,
                  request.data(),
                  request.size(),
                  0,
                  reinterpret_cast<const sockaddr*>(&kernel),
                  sizeof(kernel)) < 0) {
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Result<std::size_t> receive_from_kernel(int socket,
                                        const char* object,
                                        std::vector<std::byte>& buffer) {
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
      return last_error("receiving", object);
    }
    if (message.msg_namelen != sizeof(sender) || sender.nl_pid != 0) {
      continue;
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) {
      return SysError{EMSGSIZE, "receiving", object};
    }
    return static_cast<std::size_t>(got);
  }
}

}  // namespace sockwitness::recorder
