#include "schema/disk/reading_guard.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/base/scan.h"

namespace sockwitness::schema {
namespace {

constexpr int kStepsBetweenLooks = 50'000;
// Of one statement. The dearest answers about long histories, a line for every event, take one step
// a byte.
constexpr std::int64_t kBaseSteps = 30'000'000;
constexpr std::int64_t kStepsPerByte = 30;
// What each further statement may take besides: a history of many snapshots is many statements.
constexpr std::int64_t kStatementSteps = 100'000;
constexpr std::int64_t kStatementStepsPerByte = 10;
#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t kBaseMemory = 8'000'000'000;  // what is given back is kept for a while
#else
constexpr std::int64_t kBaseMemory = 400'000'000;
#endif
constexpr std::int64_t kMemoryPerByte = 2;

}  // namespace

ReadingGuard::ReadingGuard(SQLite::Database& sqlite)
    : memory_file_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {
  sqlite3* handle = sqlite.getHandle();
  memory_before_ = memory();
  know_size(0);
  sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, &ReadingGuard::begin, this);
  sqlite3_progress_handler(handle, kStepsBetweenLooks, &ReadingGuard::look, this);
}

ReadingGuard::~ReadingGuard() {
  if (memory_file_ >= 0) {
    ::close(memory_file_);
  }
}

void ReadingGuard::know_size(std::int64_t bytes) {
  most_steps_ = kBaseSteps + kStepsPerByte * bytes;
  statement_steps_ = kStatementSteps + kStatementStepsPerByte * bytes;
  steps_left_ = most_steps_;
  most_memory_ = memory_before_ + kBaseMemory + kMemoryPerByte * bytes;
}

// "size resident shared …", in pages. Where it cannot be read the steps have to do.
std::int64_t ReadingGuard::memory() const {
  std::array<char, 128> buffer{};
  const ssize_t got = ::pread(memory_file_, buffer.data(), buffer.size(), 0);
  std::string_view text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  static_cast<void>(scan_until(text, ' '));
  const auto pages = parse_number<std::int64_t>(scan_until(text, ' '));
  return pages ? *pages * ::sysconf(_SC_PAGESIZE) : 0;
}

int ReadingGuard::begin(unsigned /*event*/, void* self, void* /*statement*/, void* /*text*/) {
  auto* guard = static_cast<ReadingGuard*>(self);
  guard->steps_left_ = std::min(guard->most_steps_, guard->steps_left_ + guard->statement_steps_);
  return 0;
}

int ReadingGuard::look(void* self) {
  auto* guard = static_cast<ReadingGuard*>(self);
  guard->steps_left_ -= kStepsBetweenLooks;
  return guard->steps_left_ < 0 || guard->memory() > guard->most_memory_ ? 1 : 0;
}

}  // namespace sockwitness::schema
