// Content digests by file identity: what earlier snapshots knew, and what this run learned.
//
// In:    a file's device, inode, size and times, and a way to hash it.
// Out:   its digests, computed once however many threads ask at the same time.
// Never: remembers a failure, or waits for a thread that hangs with the file.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "recorder/programs/content_hash.h"
#include "recorder/programs/watched_mutex.h"
#include "schema/model/program.h"

namespace sockwitness::recorder {

// A change of content changes one of these; ctime cannot be set by a program.
struct FileKey {
  schema::Device device;
  schema::Inode inode;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  friend auto operator<=>(const FileKey&, const FileKey&) = default;
};

[[nodiscard]] inline FileKey file_key(const schema::Program& program) {
  return {program.device, program.inode, program.size, program.mtime_ns, program.ctime_ns};
}

// Thread-safe. Whoever asks for a file that is being hashed waits for the result, as long as that
// gets on; the error is ETIMEDOUT.
class HashCache {
 public:
  // Is handed what it calls while it gets on.
  using OnBlock = std::function<void()>;
  using Compute = std::function<Result<ContentHash>(const OnBlock& on_block)>;

  // A digest from an earlier snapshot, which stored no MD5.
  void remember(const FileKey& key, const std::string& sha256);

  // `compute` is called unless the digests are known.
  Result<ContentHash> find_or_compute(const FileKey& key,
                                      bool with_md5,
                                      Whereabouts* where,
                                      const Compute& compute);

 private:
  struct Entry {
    WatchedMutex mutex;
    std::optional<ContentHash> hash;
    bool md5_tried = false;
  };
  std::shared_ptr<Entry> entry_of(const FileKey& key);

  std::mutex mutex_;
  std::map<FileKey, std::shared_ptr<Entry>> entries_;
};

}  // namespace sockwitness::recorder
