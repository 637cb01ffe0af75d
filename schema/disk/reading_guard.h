// What a file of uncertain origin may cost.
//
// In:    a connection that only reads; how large the file is.
// Out:   an end to reading that cannot come from rows that the file has room for: SQLITE_INTERRUPT.
// Never: a limit in seconds: an honest history may be long, and its disk slow.
#pragma once

#include <cstdint>

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

class ReadingGuard {
 public:
  // Until the size is known, enough for the head and the schema. It must outlive `sqlite`.
  explicit ReadingGuard(SQLite::Database& sqlite);
  ReadingGuard(const ReadingGuard&) = delete;
  ReadingGuard& operator=(const ReadingGuard&) = delete;
  ~ReadingGuard();

  void know_size(std::int64_t bytes);

 private:
  static int begin(unsigned event, void* self, void* statement, void* text);
  static int look(void* self);
  [[nodiscard]] std::int64_t memory() const;

  int memory_file_ = -1;         // what the kernel says of our memory
  std::int64_t most_steps_ = 0;  // of SQLite's machine
  std::int64_t statement_steps_ = 0;
  std::int64_t steps_left_ = 0;
  std::int64_t memory_before_ = 0;
  std::int64_t most_memory_ = 0;
};

}  // namespace sockwitness::schema
