#include "schema/disk/private_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/quiet_open.h"

namespace sockwitness::schema {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kSuffixes{"", "-journal", "-wal"};  // a -shm is made anew
constexpr int kAttempts = 3;

// Size and change time of each file, nothing for an absent one: equal before and after means that
// it held still.
using Look = std::vector<std::optional<std::pair<off_t, std::int64_t>>>;

Look look_at(const std::string& path) {
  Look look;
  for (const char* suffix : kSuffixes) {
    struct stat status {};
    if (::stat((path + suffix).c_str(), &status) != 0) {
      look.emplace_back();
      continue;
    }
    look.emplace_back(
        std::pair{status.st_size,
                  status.st_mtim.tv_sec * std::int64_t{1'000'000'000} + status.st_mtim.tv_nsec});
  }
  return look;
}

// A journal that ends in this names a file which SQLite reads and deletes when it rolls back. That
// is how attached databases commit together; ours never attaches one, so it was planted.
// Source: "SQLite Database File Format", 3.
bool names_another_file(const std::string& journal) {
  constexpr std::string_view kMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  std::ifstream file(journal, std::ios::binary | std::ios::ate);
  std::array<char, kMagic.size()> tail{};
  if (!file || file.tellg() < static_cast<std::streamoff>(tail.size())) {
    return false;
  }
  file.seekg(-static_cast<std::streamoff>(tail.size()), std::ios::end);
  file.read(tail.data(), tail.size());
  return std::string_view(tail.data(), tail.size()) == kMagic;
}

// False and errno when that fails.
bool copy_whole(const std::string& source, const std::string& target) {
  const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return false;
  }
  const bool done = copy_file(source, fd);
  const int number = errno;
  ::close(fd);
  errno = number;
  return done;
}

// Where a copy that must stay beside the database lies: one place, so that what a killed run left
// there is found by the next.
std::string place_beside(const std::string& database_path) {
  return database_path + ".trial";
}

std::vector<std::string> places_for(const std::string& database_path, Purpose purpose) {
  const char* chosen = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
  std::vector<std::string> places;
  if (chosen != nullptr && *chosen != '\0') {
    places.emplace_back(std::string(chosen) + "/sockwitness-XXXXXX");
  } else {
    places = {"/tmp/sockwitness-XXXXXX", "/var/tmp/sockwitness-XXXXXX"};
  }
  if (purpose == Purpose::Append) {
    places.push_back(place_beside(database_path));
  }
  return places;
}

}  // namespace

bool copy_file(const std::string& source, int target) {
  const int fd = open_quietly(source.c_str(), 0);
  if (fd < 0) {
    return false;
  }
  std::vector<char> buffer(std::size_t{1} << 20);
  ssize_t got = 0;
  bool done = true;
  while (done && (got = ::read(fd, buffer.data(), buffer.size())) > 0) {
    std::string_view rest(buffer.data(), static_cast<std::size_t>(got));
    while (done && !rest.empty()) {
      const ssize_t written = ::write(target, rest.data(), rest.size());
      done = written > 0;
      rest.remove_prefix(done ? static_cast<std::size_t>(written) : 0);
    }
  }
  const int number = errno;
  ::close(fd);
  errno = number;
  return done && got == 0;
}

PrivateCopy::PrivateCopy(const std::string& database_path, Purpose purpose) {
  held_.emplace();
  int number = 0;
  try {
    for (const std::string& place : places_for(database_path, purpose)) {
      if (make_directory(place) && take(database_path)) {
        return;
      }
      number = errno;
      remove_directory();
    }
  } catch (...) {
    remove_names();
    throw;
  }
  held_.reset();
  throw Error(ExitCode::Unusable,
              fmt::format("copying '{}' to read it safely: {}",
                          database_path,
                          std::generic_category().message(number)),
              "set TMPDIR to a directory with enough space");
}

bool PrivateCopy::make_directory(const std::string& place) {
  directory_ = place;
  if (place.ends_with("XXXXXX")) {
    if (::mkdtemp(directory_.data()) == nullptr) {
      directory_.clear();
      return false;
    }
  } else {
    remove_directory();
    directory_ = place;
    if (::mkdir(place.c_str(), 0700) != 0) {
      directory_.clear();
      return false;
    }
  }
  if (!leftover_.remember(directory_)) {
    ::rmdir(directory_.c_str());
    directory_.clear();
    errno = ENAMETOOLONG;
    return false;
  }
  path_ = directory_ + "/copy.db";
  return true;
}

bool PrivateCopy::take(const std::string& database_path) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Look before = look_at(database_path);
    for (std::size_t at = 0; at < kSuffixes.size(); ++at) {
      ::unlink((path_ + kSuffixes[at]).c_str());
      if (before[at] && !copy_whole(database_path + kSuffixes[at], path_ + kSuffixes[at]) &&
          (errno != ENOENT || look_at(database_path) == before)) {
        return false;
      }
      held_->stop_if_waiting("copying the database to read it safely");
    }
    if (look_at(database_path) != before) {
      continue;
    }
    if (names_another_file(path_ + "-journal")) {
      throw Error(
          ExitCode::Unusable,
          fmt::format("reading journal '{}-journal': it names another file, as no journal of "
                      "a recorder does",
                      database_path),
          "somebody put it there; keep it as evidence, and move it away to read the database");
    }
    return true;
  }
  throw Error(
      ExitCode::Unusable,
      fmt::format("copying '{}' to read it safely: it changed while it was copied, {} times",
                  database_path,
                  kAttempts),
      "try again when no recorder runs");
}

void PrivateCopy::remove_directory() {
  std::error_code ignored;
  if (!directory_.empty()) {
    fs::remove_all(directory_, ignored);
    leftover_.forget();
    directory_.clear();
  }
}

void PrivateCopy::remove_names() {
  remove_directory();
  held_.reset();
}

PrivateCopy::~PrivateCopy() {
  if (held_) {
    remove_names();
  }
}

}  // namespace sockwitness::schema
