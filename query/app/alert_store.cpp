#include "query/app/alert_store.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "schema/base/base_name.h"
#include "schema/base/error.h"
#include "schema/base/escape.h"
#include "schema/chain/sha256.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr off_t kLargest = off_t{8} << 20;
constexpr std::chrono::seconds kPatience(60);

std::string reason_of(int error_number) {
  return std::generic_category().message(error_number);
}

std::string read_variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread is started
  return value == nullptr ? std::string() : std::string(value);
}

// The same file has the same name, whatever it is called by.
std::string whole_path(const std::string& path) {
  std::error_code ignored;
  const auto whole = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : whole.string();
}

std::string usual_folder() {
  if (const std::string state = read_variable("XDG_STATE_HOME"); !state.empty()) {
    return state + "/sockwitness-alert";
  }
  return ::geteuid() == 0 ? "/var/lib/sockwitness-alert"
                          : read_variable("HOME") + "/.local/state/sockwitness-alert";
}

// Every folder on the way: some may be there.
void make_folder(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    ::mkdir(path.substr(0, at).c_str(), 0700);
  }
}

[[noreturn]] void fail(std::string_view doing, const std::string& path, int error_number) {
  throw Error(ExitCode::Unusable,
              fmt::format("{} '{}': {}", doing, path, reason_of(error_number)),
              AlertStore::hint());
}

std::string read_all(int descriptor) {
  std::string text;
  std::string piece(std::size_t{64} << 10, '\0');
  for (;;) {
    const ssize_t size = ::read(descriptor, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      return size < 0 ? std::string() : text;
    }
    text.append(piece, 0, static_cast<std::size_t>(size));
  }
}

// Why the file is not one that an alert of this user left; empty for none.
std::string objection_to(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return "it is not a regular file";
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return "it belongs to somebody else";
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return "others may write to it";
  }
  return status.st_size > kLargest ? "it is too large" : std::string();
}

}  // namespace

std::string find_alert_state(const std::string& option, const std::string& database) {
  if (!option.empty()) {
    return option;
  }
  constexpr std::size_t kDigits = 16;
  const std::string whole = whole_path(database);
  return fmt::format("{}/{}-{}.state",
                     usual_folder(),
                     schema::base_name(whole),
                     schema::hex(schema::sha256(whole)).substr(0, kDigits));
}

ReadState read_alert_state(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) {
    const bool none = errno == ENOENT || errno == ENOTDIR;
    return {std::nullopt,
            none ? std::string() : fmt::format("reading '{}': {}", path, reason_of(errno))};
  }
  struct stat status {};
  std::string why = ::fstat(descriptor, &status) == 0 ? objection_to(status) : reason_of(errno);
  ReadState read;
  if (why.empty()) {
    read.state = parse_alert_state(read_all(descriptor));
    why = read.state ? std::string() : "it is damaged, or of another version";
  }
  ::close(descriptor);
  read.damage = why.empty() ? std::string() : fmt::format("reading '{}': {}", path, why);
  return read;
}

AlertStore::AlertStore(std::string path, std::string database)
    : path_(std::move(path)), database_(std::move(database)) {
  if (path_.starts_with(usual_folder() + "/")) {
    make_folder(path_);
  }
  const std::string name = path_ + ".lock";
  lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock_ < 0) {
    fail("locking", name, errno);
  }
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    if ((why != EWOULDBLOCK && why != EINTR) || std::chrono::steady_clock::now() > end) {
      ::close(lock_);
      throw Error(ExitCode::Unusable,
                  fmt::format("locking '{}': {}",
                              name,
                              why == EWOULDBLOCK ? "another alert is being told" : reason_of(why)),
                  "what is new is told by the next one");
    }
    constexpr int kPauseMs = 50;
    ::poll(nullptr, 0, kPauseMs);
  }
}

std::string AlertStore::hint() {
  return "name a file for it where you may write: sockwitness alert --state FILE\n"
         "without it everything is told again each time";
}

AlertStore::~AlertStore() {
  ::close(lock_);
}

void AlertStore::prepare(const AlertState& state) {
  file_ = std::make_unique<OutputFile>(
      path_, OutputFile::Existing::Replace, database_, OutputFile::Readers::Owner);
  file_->write(write_alert_state(state));
  file_->complete();
}

void AlertStore::commit() {
  file_->finish();
}

}  // namespace sockwitness::query
