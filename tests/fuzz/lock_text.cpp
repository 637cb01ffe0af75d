// The text of a lock file of any bytes: what is read of it is what is written again, and a full one
// keeps its size.
#include "recorder/write/lock_text.h"

#include <cstdint>
#include <string_view>

#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockwitness::recorder;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const LockText once = parse_lock_text(bytes);
  const std::string text = format_lock_text(once);
  require(text.size() == kLockTextSize);
  const LockText twice = parse_lock_text(text);
  require(twice.committed == once.committed);
  require(twice.missed.size() <= once.missed.size());
  require(once.missed.empty() || !twice.missed.empty());
  require(format_lock_text(twice) == text);
  return 0;
}
