#include "recorder/programs/hash_cache.h"

namespace sockwitness::recorder {

std::shared_ptr<HashCache::Entry> HashCache::entry_of(const FileKey& key) {
  const std::scoped_lock lock(mutex_);
  auto& entry = entries_[key];
  if (!entry) {
    entry = std::make_shared<Entry>();
  }
  return entry;
}

void HashCache::remember(const FileKey& key, const std::string& sha256) {
  const auto entry = entry_of(key);
  const WatchedLock lock(entry->mutex, nullptr);
  if (lock.held() && !entry->hash) {
    entry->hash = ContentHash{sha256, std::nullopt};
  }
}

Result<ContentHash> HashCache::find_or_compute(const FileKey& key,
                                               bool with_md5,
                                               Whereabouts* where,
                                               const Compute& compute) {
  const auto entry = entry_of(key);
  const WatchedLock lock(entry->mutex, where);
  if (!lock.held()) {
    return SysError{ETIMEDOUT, "waiting for", "content"};
  }
  if (entry->hash && (!with_md5 || entry->md5_tried)) {
    return *entry->hash;
  }
  auto computed = compute([&] { entry->mutex.tick(where); });
  if (!computed) {
    return computed.error();
  }
  entry->hash = computed.value();
  entry->md5_tried = with_md5;
  return *entry->hash;
}

}  // namespace sockwitness::recorder
