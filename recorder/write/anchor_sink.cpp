#include "recorder/write/anchor_sink.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fmt/format.h>

#include "recorder/os/unique_fd.h"

namespace sockwitness::recorder {
namespace {

// Some weeks of them: whoever ships the file has had the time.
constexpr off_t kSinkSize = 1 << 20;
constexpr const char* kName = "sockwitness-recorder";
constexpr int kSecurityNotice = 10 * 8 + 5;  // facility authpriv, severity notice

std::string sink_error(std::string_view doing, const std::string& path, int number) {
  return fmt::format("{} '{}': {}", doing, path, std::generic_category().message(number));
}

bool send(const UniqueFd& socket, const char* path, std::string_view message) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  return ::sendto(socket.get(),
                  message.data(),
                  message.size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT,
                  to,
                  sizeof address) == static_cast<ssize_t>(message.size());
}

std::string journal_message(const std::string& line) {
  return fmt::format(
      "MESSAGE={}\nMESSAGE_ID={}\nPRIORITY=5\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER={}\n",
      line,
      schema::kAnchorMessageId,
      kName);
}

std::string log_message(const std::string& line) {
  const time_t now = ::time(nullptr);
  tm local{};
  std::array<char, 32> stamp{};
  ::localtime_r(&now, &local);
  ::strftime(stamp.data(), stamp.size(), "%b %e %H:%M:%S", &local);
  return fmt::format("<{}>{} {}[{}]: {}", kSecurityNotice, stamp.data(), kName, ::getpid(), line);
}

}  // namespace

std::optional<std::string> append_anchors(const std::string& database_path,
                                          const std::vector<schema::Anchor>& anchors) {
  if (anchors.empty()) {
    return std::nullopt;
  }
  const std::string path = schema::anchor_file_of(database_path);
  constexpr int kFlags =
      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  UniqueFd file(::open(path.c_str(), kFlags, 0640));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) {
    return sink_error("opening", path, errno);
  }
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_uid != ::geteuid()) {
    return fmt::format("opening '{}': it is no regular file of ours", path);
  }
  if (status.st_size > kSinkSize) {
    if (::rename(path.c_str(), schema::older_anchor_file_of(database_path).c_str()) != 0) {
      return sink_error("renaming", path, errno);
    }
    file.reset(::open(path.c_str(), kFlags, 0640));
    if (!file.valid()) {
      return sink_error("opening", path, errno);
    }
  }
  std::string lines;
  for (const schema::Anchor& anchor : anchors) {
    lines += schema::format_anchor(anchor) + '\n';
  }
  const ssize_t written = ::write(file.get(), lines.data(), lines.size());
  if (written != static_cast<ssize_t>(lines.size())) {
    return sink_error("writing", path, written < 0 ? errno : ENOSPC);
  }
  return std::nullopt;
}

void log_anchors(const std::vector<schema::Anchor>& anchors) noexcept {
  try {
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    for (const schema::Anchor& anchor : anchors) {
      const std::string line = schema::format_anchor(anchor);
      if (!send(socket, "/run/systemd/journal/socket", journal_message(line)) &&
          !send(socket, "/dev/log", log_message(line))) {
        return;
      }
    }
  } catch (const std::exception&) {
    return;  // no memory for a line: the record is there all the same
  }
}

}  // namespace sockwitness::recorder
