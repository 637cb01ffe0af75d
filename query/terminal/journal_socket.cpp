#include "query/terminal/journal_socket.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";

[[noreturn]] void fail(int error_number) {
  throw schema::Error(schema::ExitCode::Unusable,
                      std::string("sending to the journal '") + kSocket +
                          "': " + std::generic_category().message(error_number),
                      "without a journal: sockwitness alert --format text");
}

// Closed with its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {
    if (number < 0) {
      fail(errno);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

void write_whole(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      fail(errno);
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

// Source: systemd's description of the native journal protocol.
void send_as_file(int socket, const std::string& entry) {
  const Descriptor file(::memfd_create("sockwitness-alert", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  write_whole(file.number(), entry);
  if (::fcntl(file.number(),
              F_ADD_SEALS,
              F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
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
  const int number = file.number();
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
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
      0) {
    fail(errno);
  }
  for (const std::string& entry : entries) {
    if (::send(socket.number(), entry.data(), entry.size(), MSG_NOSIGNAL) >= 0) {
      continue;
    }
    if (errno != EMSGSIZE && errno != ENOBUFS) {
      fail(errno);
    }
    send_as_file(socket.number(), entry);
  }
}

}  // namespace sockwitness::query
