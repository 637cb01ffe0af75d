#include "recorder/rpc/rpcbind.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string>

#include "recorder/os/unique_fd.h"
#include "recorder/rpc/rpcbind_codec.h"

namespace sockwitness::recorder {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kReplyPatience{1000};
constexpr std::uint32_t kTransaction = 0x736f636b;

// 0 when the socket is ready, otherwise errno.
int wait_for(int socket, short events, Deadline deadline) {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd item{socket, events, 0};
    const int ready = ::poll(&item, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) {
      return 0;
    }
    if (ready == 0) {
      return ETIMEDOUT;
    }
    if (errno != EINTR) {
      return errno;
    }
  }
}

int send_all(int socket, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (const int error = wait_for(socket, POLLOUT, deadline); error != 0) {
        return error;
      }
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int receive_record(int socket, RecordReader& reader, Deadline deadline) {
  std::array<char, 16 * 1024> buffer;
  while (true) {
    if (const int error = wait_for(socket, POLLIN, deadline); error != 0) {
      return error;
    }
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got == 0) {
      return EBADMSG;
    }
    if (got < 0) {
      if (errno == EINTR || errno == EAGAIN) {
        continue;
      }
      return errno;
    }
    switch (reader.add({buffer.data(), static_cast<std::size_t>(got)})) {
      case RecordReader::State::Complete:
        return 0;
      case RecordReader::State::TooLong:
        return EFBIG;
      case RecordReader::State::Incomplete:
        break;
    }
  }
}

}  // namespace

Result<std::vector<schema::RpcRegistration>> read_registrations(const char* socket_path) {
  const auto failed = [&](int number, const char* operation) {
    return SysError{number, operation, socket_path};
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(socket_path) >= sizeof(address.sun_path)) {
    return failed(ENAMETOOLONG, "connecting to");
  }
  std::strcpy(address.sun_path, socket_path);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) {
    return last_error("opening a socket for", socket_path);
  }
  // On a unix socket this never stays under way: it succeeds, or says EAGAIN when the backlog is
  // full, which then counts as no answer.
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) {
      return std::vector<schema::RpcRegistration>{};
    }
    return failed(errno == EAGAIN ? ETIMEDOUT : errno, "connecting to");
  }
  const auto deadline = std::chrono::steady_clock::now() + kReplyPatience;
  if (const int error = send_all(socket.get(), build_dump_call(kTransaction), deadline)) {
    return failed(error, "asking");
  }
  RecordReader reader;
  if (const int error = receive_record(socket.get(), reader, deadline)) {
    return failed(error, "receiving from");
  }
  auto registrations = decode_dump_reply(reader.record(), kTransaction);
  if (!registrations) {
    return failed(EBADMSG, "reading the answer of");
  }
  return std::move(*registrations);
}

}  // namespace sockwitness::recorder
