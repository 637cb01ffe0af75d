#include "query/seal/sealed_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "query/seal/manifest.h"
#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

[[noreturn]] void fail(const std::string& path, int number) {
  throw Error(number == EEXIST ? ExitCode::Usage : ExitCode::Unusable,
              "making folder '" + path + "': " + std::generic_category().message(number),
              "name one that is not there yet, where you may write: -o DIR");
}

}  // namespace

SealedFolder::SealedFolder(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.back() == '/') {
    path_.pop_back();
  }
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0) {
    fail(path_, EEXIST);
  }
  place_ = path_ + ".XXXXXX";
  if (::mkdtemp(place_.data()) == nullptr) {
    fail(path_, errno);
  }
  if (!unfinished_.remember(place_)) {
    ::rmdir(place_.c_str());
    fail(path_, ENAMETOOLONG);
  }
}

SealedFolder::~SealedFolder() {
  if (finished_) {
    return;
  }
  ::unlink((place_ + "/" + std::string(kManifestName)).c_str());
  for (const std::string_view name : kSealedNames) {
    ::unlink((place_ + "/" + std::string(name)).c_str());
  }
  ::rmdir(place_.c_str());
}

void SealedFolder::finish() {
  constexpr mode_t kMost = 0750;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::chmod(place_.c_str(), kMost & ~mask) != 0) {
    fail(path_, errno);
  }
  if (::renameat2(AT_FDCWD, place_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0 &&
      (errno != EINVAL || ::rename(place_.c_str(), path_.c_str()) != 0)) {
    fail(path_, errno);
  }
  finished_ = true;
  unfinished_.forget();
  const auto slash = path_.rfind('/');
  const std::string above = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  const int folder = ::open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
}

}  // namespace sockwitness::query
