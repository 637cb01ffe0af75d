// What the lock file says of the database: its last commit, known apart from the database itself.
//
// In:    the first line of the lock file: "committed 42 17 0F…", or "writing 42 17 0F…".
// Out:   the number of the record, the count of changes, and the file that they are of.
// Never: takes a line that does not parse for a commit, or needs the lock file to be readable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace SQLite {
class Database;
}

namespace sockwitness::schema {

// The last record that was committed, and to which file.
struct LastCommit {
  std::string archive;      // its uuid, hexadecimal
  std::int64_t record = 0;  // its number in the chain
  // How often the file was changed, as its header counts: a journal may undo a commit without
  // touching the page of its record.
  std::uint32_t changes = 0;

  friend bool operator==(const LastCommit&, const LastCommit&) = default;
};

struct CommitNote {
  LastCommit last;
  bool writing = false;  // a run has begun to write since, and has not said that it ended

  friend bool operator==(const CommitNote&, const CommitNote&) = default;
};

// Nothing before the first record. Throws SQLite::Exception.
[[nodiscard]] std::optional<LastCommit> read_last_commit(SQLite::Database& sqlite);

// A line without its end.
[[nodiscard]] std::optional<CommitNote> parse_commit_note(std::string_view line);
[[nodiscard]] std::string format_commit_note(const CommitNote& note);

[[nodiscard]] std::string lock_file_of(const std::string& database_path);
// For callers without the lock. Nothing: there is no such file, it cannot be read, or it does not
// say.
[[nodiscard]] std::optional<CommitNote> read_commit_note(const std::string& database_path);
// The file is there, and we may not read it.
[[nodiscard]] bool is_commit_note_hidden(const std::string& database_path);

}  // namespace sockwitness::schema
