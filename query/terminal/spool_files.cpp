#include "query/terminal/spool_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "query/terminal/descriptor.h"
#include "schema/base/error.h"
#include "schema/base/scan.h"

namespace sockwitness::query {
namespace {

constexpr std::string_view kEnding = ".jsonl";
constexpr std::size_t kDigits = 6;

}  // namespace

void fail_spooling(std::string_view doing, const std::string& path, int error_number) {
  throw schema::Error(
      schema::ExitCode::Unusable,
      fmt::format("{} '{}': {}", doing, path, std::generic_category().message(error_number)),
      kSpoolHint);
}

// Where others may write they may lay a file of ours on one of theirs, or of the system.
void require_own_folder(const std::string& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) {
    fail_spooling("reading", folder, errno);
  }
  const char* why = nullptr;
  if (!S_ISDIR(status.st_mode)) {
    why = "it is no folder";
  } else if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    why = "it belongs to somebody else";
  } else if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    why = "others may write to it";
  }
  if (why != nullptr) {
    throw schema::Error(
        schema::ExitCode::Unusable, fmt::format("spooling into '{}': {}", folder, why), kSpoolHint);
  }
}

std::string spool_file_name(const SpoolFileName& name) {
  return fmt::format("{}.{:0{}}{}", name.kind, name.number, kDigits, kEnding);
}

std::optional<SpoolFileName> parse_spool_file_name(std::string_view name) {
  if (!name.ends_with(kEnding)) {
    return std::nullopt;
  }
  name.remove_suffix(kEnding.size());
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || name.size() - dot - 1 < kDigits) {
    return std::nullopt;
  }
  const auto number = schema::parse_number<std::uint64_t>(name.substr(dot + 1));
  return number ? std::optional(SpoolFileName{std::string(name.substr(0, dot)), *number})
                : std::nullopt;
}

std::optional<std::uint64_t> size_of_file(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

std::vector<std::string> list_folder_names(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.c_str()), ::closedir);
  if (!directory) {
    fail_spooling("reading", folder, errno);
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {  // NOLINT(concurrency-mt-unsafe)
    names.emplace_back(entry->d_name);
  }
  return names;
}

void sync_folder(const std::string& folder) {
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0) {
    ::fsync(descriptor.get());  // some file systems cannot; the files themselves are on disk
  }
}

std::string read_part(int descriptor, std::uint64_t from, std::uint64_t size) {
  std::string part(size, '\0');
  std::size_t got = 0;
  while (got < part.size()) {
    const ssize_t piece =
        ::pread(descriptor, part.data() + got, part.size() - got, static_cast<off_t>(from + got));
    if (piece < 0 && errno == EINTR) {
      continue;
    }
    if (piece <= 0) {
      break;
    }
    got += static_cast<std::size_t>(piece);
  }
  part.resize(got);
  return part;
}

bool ends_line(const std::string& path, std::uint64_t size) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  return file.get() >= 0 && read_part(file.get(), size - 1, 1) == "\n";
}

std::uint64_t count_lines(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
  std::uint64_t lines = 0;
  std::uint64_t at = 0;
  for (std::string piece; file.get() >= 0; at += piece.size()) {
    piece = read_part(file.get(), at, kPiece);
    if (piece.empty()) {
      break;
    }
    lines += static_cast<std::uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
  }
  return lines;
}

}  // namespace sockwitness::query
