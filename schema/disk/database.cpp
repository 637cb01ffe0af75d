#include "schema/disk/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/file_head.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/migrate.h"
#include "schema/disk/private_copy.h"
#include "schema/disk/sql.h"

namespace sockwitness::schema {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

// A connection belongs to one thread at a time. SQLite's own lock, taken anew for every column of
// every row, was a fifth of the price of loading a snapshot.
constexpr int kToRead = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
constexpr int kToWrite = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

Error unusable(std::string_view path, std::string_view reason, std::string hint = {}) {
  return {
      ExitCode::Unusable, fmt::format("opening database '{}': {}", path, reason), std::move(hint)};
}

std::string system_reason(int number) {
  return std::strerror(number);  // NOLINT(concurrency-mt-unsafe): no other thread formats errors
}

bool exists_with_content(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

// A journal whose writer is alive is not ours to look into: SQLite then reads around it. Asked
// before SQLite opens the file. Source: "File Locking And Concurrency In SQLite", the RESERVED
// lock.
bool is_being_written(const std::string& path) {
  constexpr off_t kReservedByte = 0x40000001;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct flock range {};
  range.l_type = F_RDLCK;
  range.l_whence = SEEK_SET;
  range.l_start = kReservedByte;
  range.l_len = 1;
  const bool asked = fd >= 0 && ::fcntl(fd, F_GETLK, &range) == 0;
  if (fd >= 0) {
    ::close(fd);
  }
  return asked && range.l_type != F_UNLCK;
}

struct Looked {
  std::uint64_t size = 0;
  std::string head;  // at most kFileHeadSize bytes
};

// Looks at the file itself before SQLite does. Nothing when there is no file.
std::optional<Looked> look_at_file(const std::string& path, bool for_append) {
  const int fd = ::open(
      path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (for_append ? O_NOFOLLOW : 0));
  if (fd < 0) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    if (errno == ELOOP) {
      throw unusable(path, "it is a symbolic link", "give the path of the file itself");
    }
    throw unusable(path, system_reason(errno));
  }
  Looked looked;
  std::array<char, kFileHeadSize> buffer{};
  // The head before the size: the file only grows, so a commit in between cannot make it look cut
  // off.
  const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), 0);
  struct stat status {};
  const bool known = ::fstat(fd, &status) == 0;
  looked.size = static_cast<std::uint64_t>(status.st_size);
  ::close(fd);
  if (!known || !S_ISREG(status.st_mode)) {
    throw unusable(path,
                   S_ISDIR(status.st_mode) ? "it is a directory" : "it is not a regular file");
  }
  if (got < 0) {
    throw unusable(path, "it cannot be read");
  }
  if (for_append && status.st_nlink != 1) {
    throw unusable(path,
                   "it has more than one name (hard link)",
                   "evidence is written only to a file with one name");
  }
  looked.head.assign(buffer.data(), static_cast<std::size_t>(got));
  return looked;
}

bool is_cut_off(const FileHead& head, const Looked& looked) {
  return looked.size < std::uint64_t{head.page_size} * head.page_count;
}

// Throws unless the head is that of a file of ours that this program can handle.
void require_ours(const std::string& path, const Looked& looked, bool unfinished_beside) {
  const auto head = decode_file_head(looked.head);
  if (!head) {
    throw unusable(path,
                   "it is not a SQLite database",
                   "nothing was changed; give the path of a sockwitness database with --db");
  }
  if (head->application_id != static_cast<std::uint32_t>(kApplicationId)) {
    throw unusable(path,
                   fmt::format("it is another program's database (application id {:#010x})",
                               head->application_id),
                   "give the path of a sockwitness database with --db");
  }
  if (head->user_version > static_cast<std::uint32_t>(kFormatVersion)) {
    throw unusable(path,
                   fmt::format("its format is version {}, this program reads up to version {}",
                               head->user_version,
                               kFormatVersion),
                   "use a newer sockwitness");
  }
  if (!unfinished_beside && is_cut_off(*head, looked)) {
    throw unusable(path,
                   fmt::format("it is cut off: {} bytes of {}",
                               looked.size,
                               std::uint64_t{head->page_size} * head->page_count),
                   "nothing was changed; use a backup, and keep this file as evidence");
  }
}

void set_common_limits(SQLite::Database& sqlite) {
  sqlite3* handle = sqlite.getHandle();
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite.exec("PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON");
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
}

void require_our_schema(const std::string& path, SQLite::Database& sqlite) {
  if (describe_schema(sqlite) != sql::kLatest) {
    throw unusable(path,
                   "its tables are not those of a sockwitness database",
                   "it is damaged or was altered; nothing was changed");
  }
}

// The settings on which durability rests; refuses to write when one did not take.
void set_durable(const std::string& path, SQLite::Database& sqlite) {
  const std::string journal = sqlite.execAndGet("PRAGMA journal_mode = DELETE").getString();
  sqlite.exec("PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON");
  const int synchronous = sqlite.execAndGet("PRAGMA synchronous").getInt();
  constexpr int kExtra = 3;
  if (journal != "delete" || synchronous != kExtra) {
    throw unusable(
        path,
        fmt::format("SQLite refused safe settings (journal {}, sync {})", journal, synchronous));
  }
}

void create_empty_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) {
    throw Error(ExitCode::Unusable,
                fmt::format("making database '{}': {}", path, system_reason(errno)),
                errno == ENOENT ? "make its directory first, or choose another place with --db"
                                : "choose another place with --db");
  }
  ::close(fd);
}

// A journal beside the file: the recorder was killed, or somebody planted it. Tried on a copy
// before SQLite applies it.
void require_sane_recovery(const std::string& path) {
  const PrivateCopy copy(path);
  SQLite::Database trial(copy.path(), kToWrite);
  set_common_limits(trial);
  const std::string verdict = trial.execAndGet("PRAGMA integrity_check(1)").getString();
  if (verdict != "ok") {
    throw unusable(
        path,
        "the journal beside it would damage it: " + verdict,
        "keep both files as evidence; move the journal away only if you know where it came from");
  }
  if (trial.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() != 0) {
    require_our_schema(path, trial);
  }
}

// Whether a plain read-only connection can read: not so when a journal must first be rolled back.
bool can_read(SQLite::Database& sqlite) {
  try {
    return sqlite.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() >= 0;
  } catch (const SQLite::Exception& failure) {
    const int code = failure.getErrorCode();
    if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN) {
      return false;
    }
    throw;
  }
}

}  // namespace

Error database_error(std::string_view doing,
                     const std::string& path,
                     const SQLite::Exception& failure) {
  std::string hint;
  std::string reason = failure.what();
  switch (failure.getErrorCode()) {
    case SQLITE_FULL:
      reason = "no space left on the device";
      hint = "nothing recorded before is lost; make room and run again";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      reason = "another program keeps it locked";
      hint = "close other readers of the file and run again";
      break;
    case SQLITE_READONLY:
      reason = "the file or its directory is not writable";
      hint = "run as the owner of the database, or choose another place with --db";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      reason = fmt::format("the file is damaged ({})", reason);
      hint = "nothing was changed; keep the file as evidence and use a backup";
      break;
    case SQLITE_IOERR:
      reason = fmt::format("the device reports an error ({})", reason);
      hint = "nothing recorded before is lost if the device can still be read";
      break;
    default:
      break;
  }
  return {ExitCode::Unusable, fmt::format("{} '{}': {}", doing, path, reason), std::move(hint)};
}

Database::Database(std::string path,
                   std::unique_ptr<PrivateCopy> copy,
                   std::unique_ptr<SQLite::Database> sqlite)
    : path_(std::move(path)), copy_(std::move(copy)), sqlite_(std::move(sqlite)) {
}
Database::Database(Database&&) noexcept = default;
Database::~Database() = default;

LentStatement Database::lend(std::string_view query) {
  return {*this, query};
}

Database::Kept& Database::prepare(std::string_view query) {
  Kept& kept = statements_[query];
  if (!kept.statement) {
    kept.statement = std::make_unique<SQLite::Statement>(*sqlite_, std::string(query));
  }
  return kept;
}

void Database::refuse_foreign(const std::string& path) {
  const auto looked = look_at_file(path, true);
  if (looked && looked->size > 0) {
    require_ours(path, *looked, exists_with_content(path + "-journal"));
  }
}

Database Database::open_for_append(const std::string& path) {
  try {
    refuse_foreign(path);
    if (!look_at_file(path, true)) {
      create_empty_file(path);
    }
    if (exists_with_content(path + "-wal")) {
      throw unusable(
          path,
          "a write-ahead log lies beside it, and a recorder never leaves one",
          "keep both files as evidence; move the log away only if you know where it came "
          "from");
    }
    if (exists_with_content(path + "-journal")) {
      require_sane_recovery(path);
    }
    auto sqlite = std::make_unique<SQLite::Database>(path, kToWrite, kBusyTimeoutMs);
    set_common_limits(*sqlite);
    set_durable(path, *sqlite);
    migrate(*sqlite);
    require_our_schema(path, *sqlite);
    return {path, nullptr, std::move(sqlite)};
  } catch (const SQLite::Exception& failure) {
    throw database_error("opening database", path, failure);
  }
}

Database Database::open_for_reading(const std::string& path) {
  try {
    const auto looked = look_at_file(path, false);
    if (!looked) {
      throw unusable(path,
                     "no such file",
                     fmt::format("record first: sockwitness-recorder snapshot --db '{}'", path));
    }
    if (looked->size == 0) {
      throw unusable(path,
                     "it is empty: nothing was recorded yet",
                     fmt::format("record first: sockwitness-recorder snapshot --db '{}'", path));
    }
    const bool unfinished =
        exists_with_content(path + "-journal") || exists_with_content(path + "-wal");
    require_ours(path, *looked, unfinished);
    const bool has_log =
        decode_file_head(looked->head)->write_ahead_log || exists_with_content(path + "-wal");
    // SQLite as root gives even a journal that it only reads an owner, and with it a new time.
    const bool left_behind = exists(path + "-journal") && !is_being_written(path);
    std::unique_ptr<PrivateCopy> copy;
    std::unique_ptr<SQLite::Database> sqlite;
    if (!has_log && !left_behind) {
      sqlite = std::make_unique<SQLite::Database>(path, kToRead, kBusyTimeoutMs);
      set_common_limits(*sqlite);
      if (!can_read(*sqlite)) {
        sqlite.reset();
      }
    }
    if (!sqlite) {
      copy = std::make_unique<PrivateCopy>(path);
      sqlite = std::make_unique<SQLite::Database>(copy->path(), kToWrite, kBusyTimeoutMs);
      set_common_limits(*sqlite);
    }
    sqlite->exec("PRAGMA query_only = ON");
    const int version = sqlite->execAndGet("PRAGMA user_version").getInt();
    if (version < kFormatVersion) {
      throw unusable(
          path,
          fmt::format(
              "its format is version {}, this program reads version {}", version, kFormatVersion),
          "the recorder's next snapshot brings it up to date");
    }
    require_our_schema(path, *sqlite);
    return {path, std::move(copy), std::move(sqlite)};
  } catch (const SQLite::Exception& failure) {
    throw database_error("opening database", path, failure);
  }
}

}  // namespace sockwitness::schema
