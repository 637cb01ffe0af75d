// The file: opened for appending by the recorder, for reading by everyone else.
//
// In:    a path.
// Out:   a connection with safe settings on a file that is known to be ours, whole, and of our
//        version.
// Never: repairs, migrates for a reader, follows a journal that lies beside evidence, or changes a
//        byte while reading.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/base/error.h"
#include "schema/disk/recovery.h"
#include "schema/disk/settings.h"

namespace SQLite {
class Database;
class Exception;
class Statement;
class Transaction;
}  // namespace SQLite

namespace sockwitness::schema {

class LentStatement;
class ReadingGuard;
class Sealer;

inline constexpr std::chrono::milliseconds kUsualPatience{10'000};

// What the recorder hands in when it opens the file for appending.
struct Appending {
  std::optional<CommitNote> known = {};  // what the lock file says of the last commit
  // Called when the file was found to be good, before the first of its bytes is written; with what
  // was done about a journal that lay beside it.
  std::function<void(const std::optional<Recovery>&)> before_writing = {};
  std::chrono::milliseconds patience = kUsualPatience;  // with other programs that keep it locked
};

// What SQLite refused.
class DatabaseError : public Error {
 public:
  // Locked: by another program, so it may be taken later. ReadOnly: by its mode or its place. Full:
  // the disk.
  enum class Kind { Other, Locked, ReadOnly, NoMemory, Full };

  DatabaseError(Kind kind, std::string message, std::string hint)
      : Error(ExitCode::Unusable, std::move(message), std::move(hint)), kind_(kind) {}
  [[nodiscard]] Kind kind() const noexcept { return kind_; }

 private:
  Kind kind_;
};

// There is no history to read yet: no file, an empty one, or one of an older format.
class NothingYet : public Error {
 public:
  using Error::Error;
};

class Database {
 public:
  // Makes the file when there is none or an empty one. Refuses links, foreign owners of a hard
  // link, newer versions, other programs' databases and damage, and leaves them as they are.
  // A journal that would undo the last commit that is known is refused, too; any other is kept as
  // a copy before it is rolled back. Precondition: the caller holds the recorder's lock.
  [[nodiscard]] static Database open_for_append(const std::string& path,
                                                const Appending& appending = {});

  // A connection that was opened elsewhere, on a file that is known to be ours.
  [[nodiscard]] static Database around(const std::string& path,
                                       std::unique_ptr<SQLite::Database> sqlite);

  // What open_for_append refuses by size, head and owner, without making, locking or opening
  // anything for writing. Throws Error.
  static void refuse_foreign(const std::string& path);

  // In memory alone, empty; and one that is what the bytes of a file are, brought up to date.
  // `name` is what messages call it. Refuses what open_for_reading() refuses by its content.
  [[nodiscard]] static Database make_in_memory(const std::string& name);
  [[nodiscard]] static Database open_image(const std::string& name, std::string_view image);
  // The bytes that a file with this content has.
  [[nodiscard]] std::string image();

  // Read-only. A file with an unfinished transaction beside it is read from a private copy, and
  // refused for what open_for_append would refuse it.
  [[nodiscard]] static Database open_for_reading(const std::string& path);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) = delete;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  [[nodiscard]] SQLite::Database& sqlite() { return *sqlite_; }
  // `query` outlives the database, as the embedded texts do. Never two loans at a time of the same
  // text: they would be one statement. Costs nothing until it is used.
  [[nodiscard]] LentStatement lend(std::string_view query);
  // Ids and numbers of snapshots rise from 1, or from what was pruned, and a row takes some bytes:
  // a higher number than the file has room for is no number of ours, however it came there.
  [[nodiscard]] bool has_room_for(std::int64_t number);
  // So many rows at once.
  [[nodiscard]] bool has_room_for_rows(std::int64_t rows);
  // As the user named it.
  [[nodiscard]] const std::string& path() const { return path_; }
  // Makes links of the records first, where there is a sealer. Throws SQLite::Exception, or Error
  // when a directory could not be synced since the database was opened; then the commit may have
  // taken place all the same.
  void commit(SQLite::Transaction& transaction);
  // Nothing: records get no links, as in memory and in tests that write rows of their own.
  void set_sealer(std::shared_ptr<Sealer> sealer);
  [[nodiscard]] Sealer* sealer() const { return sealer_.get(); }
  // Ends the use of it as a database; the connection lives on.
  [[nodiscard]] std::unique_ptr<SQLite::Database> release();
  // As they are while it is open for appending; empty for reading.
  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }
  // True: what is read is a private copy, with the unfinished transaction rolled back or the log
  // folded in.
  [[nodiscard]] bool is_copy() const { return is_copy_; }
  // Nothing before the first record.
  [[nodiscard]] std::optional<LastCommit> last_commit() { return read_last_commit(*sqlite_); }

 private:
  friend class LentStatement;
  Database(std::string path, std::unique_ptr<SQLite::Database> sqlite);
  struct Kept {
    std::unique_ptr<SQLite::Statement> statement;
    bool lent = false;
  };
  Kept& prepare(std::string_view query);
  [[nodiscard]] std::int64_t rows_thinned();

  std::string path_;
  bool is_copy_ = false;
  std::vector<Setting> settings_;
  std::unique_ptr<ReadingGuard> guard_;  // of a file that is only read; outlives the connection
  std::unique_ptr<SQLite::Database> sqlite_;
  std::map<std::string_view, Kept> statements_;  // by their text
  std::shared_ptr<Sealer> sealer_;
  std::int64_t room_ = 0;                // rows, as far as the file had grown then
  std::optional<std::int64_t> removed_;  // the highest number that a prune may have removed
};

// "doing 'path': reason" with a hint for the kind of failure: full disk, locked, damaged,
// read-only.
[[nodiscard]] DatabaseError database_error(std::string_view doing,
                                           const std::string& path,
                                           const SQLite::Exception& failure);

}  // namespace sockwitness::schema
