#include "query/terminal/output_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "query/terminal/descriptor.h"
#include "query/terminal/sink.h"
#include "schema/base/error.h"

namespace sockwitness::query {
namespace {

using schema::Error;
using schema::ExitCode;

constexpr std::size_t kBuffer = std::size_t{256} << 10;

std::string hint_for(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "make room, or name a file elsewhere; nothing was left there";
    case EEXIST:
      return "somebody made it in the meantime: name another file, or replace it with --force";
    case ENOENT:
      return "make the folder first, or name a file elsewhere";
    case EACCES:
    case EPERM:
    case EROFS:
      return "name a file where you may write";
    default:
      return {};
  }
}

bool is_same_file(const struct stat& left, const std::string& path) {
  struct stat right {};
  return !path.empty() && ::stat(path.c_str(), &right) == 0 && left.st_dev == right.st_dev &&
         left.st_ino == right.st_ino;
}

// A name that is there already.
void judge_existing(const std::string& path,
                    OutputFile::Existing existing,
                    const std::string& source) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    const bool link = errno == ENOENT && ::lstat(path.c_str(), &status) == 0;
    if (link && existing == OutputFile::Existing::Refuse) {
      throw Error(ExitCode::Usage,
                  "writing '" + path + "': it is a link to a file that is not there",
                  "name another file, or replace the link with --force");
    }
    return;
  }
  if (S_ISDIR(status.st_mode)) {
    throw Error(ExitCode::Usage,
                "writing '" + path + "': it is a directory",
                "name a file: -o '" + path + (path.ends_with('/') ? "" : "/") + "NAME'");
  }
  if (is_same_file(status, source)) {
    throw Error(ExitCode::Usage,
                "writing '" + path + "': that is the database itself",
                "name another file");
  }
  if (!S_ISREG(status.st_mode)) {
    throw Error(ExitCode::Usage,
                "writing '" + path + "': not a regular file",
                "without -o the answer goes to standard output");
  }
  if (existing == OutputFile::Existing::Refuse) {
    throw Error(ExitCode::Usage,
                "writing '" + path + "': it is there already",
                "name another file, or replace it with --force");
  }
}

}  // namespace

OutputFile::OutputFile(std::string path,
                       Existing existing,
                       const std::string& source,
                       Readers readers)
    : path_(path == "-" ? std::string() : std::move(path)), existing_(existing), readers_(readers) {
  if (path_.empty()) {
    descriptor_ = STDOUT_FILENO;
    return;
  }
  judge_existing(path_, existing_, source);
  temporary_ = path_ + ".XXXXXX";
  descriptor_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    fail(errno);
  }
  if (!unfinished_.remember(temporary_)) {
    close();
    fail(ENAMETOOLONG);
  }
}

OutputFile::~OutputFile() {
  if (path_.empty() || descriptor_ < 0) {
    return;
  }
  close();
}

void OutputFile::close() {
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
  unfinished_.forget();
  descriptor_ = -1;
}

void OutputFile::fail(int error_number) const {
  throw Error(ExitCode::Unusable,
              "writing '" + path_ + "': " + reason_of(error_number),
              hint_for(error_number));
}

void OutputFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBuffer) {
    flush();
  }
}

void OutputFile::flush() {
  if (path_.empty()) {
    write_all(descriptor_, buffer_);
    buffer_.clear();
    return;
  }
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) {
      fail(errno);
    }
    rest.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void OutputFile::complete() {
  flush();
  if (path_.empty() || complete_) {
    return;
  }
  // Most say what the database says: no more people may read it, whatever the umask allows.
  const mode_t most = readers_ == Readers::Owner ? 0600 : readers_ == Readers::Group ? 0640 : 0644;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(descriptor_, most & ~mask) != 0 || ::fsync(descriptor_) != 0) {
    fail(errno);
  }
  // After the file has its name nothing may fail any more, not even for want of memory.
  const auto slash = path_.rfind('/');
  folder_ = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  complete_ = true;
}

void OutputFile::finish() {
  complete();
  if (path_.empty()) {
    return;
  }
  // Who made a file of that name in the meantime keeps it.
  const unsigned flags = existing_ == Existing::Refuse ? RENAME_NOREPLACE : 0U;
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
    // A file system without that flag: the check at the begin has to do.
    if (errno != EINVAL || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
      fail(errno);
    }
  }
  unfinished_.forget();
  const int folder_descriptor = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor >= 0) {
    ::fsync(folder_descriptor);  // some file systems cannot; the file itself is on disk
    ::close(folder_descriptor);
  }
  ::close(descriptor_);
  descriptor_ = -1;
}

void OutputFile::take_back() {
  if (!path_.empty() && descriptor_ < 0) {
    ::unlink(path_.c_str());
  }
}

}  // namespace sockwitness::query
