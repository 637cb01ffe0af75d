// State files, each decoded once as long as it is the same file.
//
// In:    a root directory, a path below it, a decoder; for a user's own files his uid.
// Out:   what was decoded, or the error: EBADMSG for what is malformed, EFBIG for what is too long.
// Never: opens anything but a regular file; holds its lock while a file system is asked.
#pragma once

#include <any>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "recorder/os/result.h"
#include "recorder/os/rooted_file.h"
#include "schema/base/time.h"

namespace sockwitness::recorder {

// A user's files: found without a link below `home`, and belonging to him.
struct FilesOfUser {
  std::string home;
  std::uint32_t uid = 0;
};

class StateFiles {
 public:
  template <class T>
  using Decode = std::function<std::optional<T>(std::string_view)>;

  template <class T>
  Result<T> read(int root,
                 const std::string& path,
                 const std::optional<FilesOfUser>& user,
                 const Decode<T>& decode) {
    auto found = find(root, path, user);
    if (!found) {
      return found.error();
    }
    const Stamp stamp = stamp_of(found.value());
    if (const auto known = recall(path, stamp); known.has_value()) {
      return std::any_cast<T>(known);
    }
    auto text = read_text(found.value(), path);
    if (!text) {
      return text.error();
    }
    std::optional<T> decoded = decode(text.value());
    if (!decoded) {
      return SysError{EBADMSG, "decoding", path};
    }
    keep(path, stamp, *decoded);
    return std::move(*decoded);
  }

  // It is there, and was not touched since.
  bool is_older(int root,
                const std::string& path,
                const std::optional<FilesOfUser>& user,
                schema::WallTime than);

  // The names in a directory; at most so many that listing them takes no time.
  Result<std::vector<std::string>> list(int root, const std::string& path);

 private:
  using Stamp = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

  static Result<RootedFile> find(int root,
                                 const std::string& path,
                                 const std::optional<FilesOfUser>& user);
  static Stamp stamp_of(const RootedFile& file);
  static Result<std::string> read_text(const RootedFile& file, const std::string& path);
  std::any recall(const std::string& path, const Stamp& stamp);
  void keep(const std::string& path, const Stamp& stamp, std::any decoded);

  std::mutex mutex_;
  std::map<std::string, std::pair<Stamp, std::any>> known_;  // under mutex_
};

}  // namespace sockwitness::recorder
