#include "query/terminal/journal_socket.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "query/terminal/descriptor.h"
#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";

[[noreturn]] void fail(int error_number) {
  throw schema::Error(
      schema::ExitCode::Unusable,
      std::string("sending to the journal '") + kSocket + "': " + reason_of(error_number),
      "without a journal: sockwitness alert --format text");
}

// Source: systemd's description of the native journal protocol.
void send_as_file(int socket, const std::string& entry) {
  const Descriptor file(::memfd_create("sockwitness-alert", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0 || !write_whole(file.get(), entry) ||
      ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) !=
          0) {
    fail(errno);
  }
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof(int));
  const int number = file.get();
  std::memcpy(CMSG_DATA(head), &number, sizeof number);
  if (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    fail(errno);
  }
}

}  // namespace

void send_to_journal(std::span<const std::string> entries) {
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(static_cast<char*>(address.sun_path), kSocket);
  if (socket.get() < 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(errno);
  }
  for (const std::string& entry : entries) {
    if (::send(socket.get(), entry.data(), entry.size(), MSG_NOSIGNAL) >= 0) {
      continue;
    }
    if (errno != EMSGSIZE && errno != ENOBUFS) {
      fail(errno);
    }
    send_as_file(socket.get(), entry);
  }
}

}  // namespace sockwitness::query
