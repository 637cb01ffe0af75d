// A journal beside the file when the recorder comes: it was killed while it wrote, or somebody
// planted the journal.
//
// In:    the path of the database, and what the recorder knows of its last commit from elsewhere.
// Out:   a copy of the journal that stays beside the database, and what it held; or an Error that
//        leaves both as they are.
// Never: opens the database for writing, or lets SQLite delete a journal that nobody has a copy of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

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

// Nothing before the first record. Throws SQLite::Exception.
[[nodiscard]] std::optional<LastCommit> read_last_commit(SQLite::Database& sqlite);

// For a database whose last run ended in good order: throws Error when a journal lies beside it
// that SQLite would roll back.
void refuse_stray_journal(const std::string& path);

struct Recovery {
  std::string kept;          // where the copy of the journal lies
  bool rolled_back = false;  // false: the journal held no finished head, so nothing is undone
};

// What SQLite will do when it opens the file, tried on a copy. Throws Error when that would damage
// it or undo a committed record.
[[nodiscard]] Recovery prepare_recovery(const std::string& path,
                                        const std::optional<LastCommit>& known);

}  // namespace sockwitness::schema
