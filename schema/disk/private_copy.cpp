#include "schema/disk/private_copy.h"

#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "schema/base/error.h"

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
// is how attached databases commit together; ours never attaches one, so somebody planted it.
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

}  // namespace

PrivateCopy::PrivateCopy(const std::string& database_path) {
  const char* base = std::getenv("TMPDIR");
  directory_ =
      std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/sockwitness-XXXXXX";
  if (::mkdtemp(directory_.data()) == nullptr) {
    throw Error(ExitCode::Unusable,
                fmt::format("making a directory for a private copy '{}': {}",
                            directory_,
                            std::strerror(
                                errno)),  // NOLINT(concurrency-mt-unsafe): before any thread starts
                "set TMPDIR to a directory with enough space");
  }
  path_ = directory_ + "/copy.db";
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const Look before = look_at(database_path);
    std::error_code failure;
    for (std::size_t at = 0; at < kSuffixes.size() && !failure; ++at) {
      fs::remove(path_ + kSuffixes[at], failure);
      if (before[at]) {
        fs::copy_file(database_path + kSuffixes[at], path_ + kSuffixes[at], failure);
      }
    }
    if (failure) {
      std::error_code ignored;
      fs::remove_all(directory_, ignored);
      throw Error(
          ExitCode::Unusable,
          fmt::format("copying '{}' to read it safely: {}", database_path, failure.message()),
          "set TMPDIR to a directory with enough space");
    }
    if (look_at(database_path) != before) {
      continue;
    }
    if (!names_another_file(path_ + "-journal")) {
      return;
    }
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
    throw Error(
        ExitCode::Unusable,
        fmt::format("reading journal '{}-journal': it names another file, as no journal of "
                    "a recorder does",
                    database_path),
        "somebody put it there; keep it as evidence, and move it away to read the database");
  }
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
  throw Error(
      ExitCode::Unusable,
      fmt::format("copying '{}' to read it safely: it changed while it was copied, {} times",
                  database_path,
                  kAttempts),
      "try again when no recorder runs");
}

PrivateCopy::~PrivateCopy() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

}  // namespace sockwitness::schema
