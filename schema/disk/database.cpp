#include "schema/disk/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/base/shell_word.h"
#include "schema/disk/connection.h"
#include "schema/disk/file_head.h"
#include "schema/disk/file_look.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/migrate.h"
#include "schema/disk/private_copy.h"

namespace sockwitness::schema {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

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
    throw Error(
        ExitCode::Unusable,
        fmt::format("making database '{}': {}", path, std::generic_category().message(errno)),
        errno == ENOENT ? "make its directory first, or choose another place with --db"
                        : "choose another place with --db");
  }
  ::close(fd);
}

// Bytes that a file of ours may grow to; nothing for no limit.
std::optional<std::uint64_t> file_size_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::nullopt;
  }
  return limit.rlim_cur;
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

// The unfinished transaction rolled back, a log folded in; nothing of the copy stays on disk.
std::unique_ptr<SQLite::Database> open_recovered_copy(const std::string& path) {
  PrivateCopy copy(path);
  auto sqlite = open_connection(copy.path(), SQLITE_OPEN_READWRITE, kBusyTimeoutMs);
  sqlite->exec("PRAGMA journal_mode = DELETE; SELECT count(*) FROM sqlite_schema");
  copy.remove_names();
  return sqlite;
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
      // SQLite keeps the number of the error to itself.
      if (const auto limit = file_size_limit();
          limit && failure.getExtendedErrorCode() == SQLITE_IOERR_WRITE) {
        reason = fmt::format("the file size limit (ulimit -f) of {} bytes is reached", *limit);
        hint = "nothing recorded before is lost; raise the limit and run again";
        break;
      }
      reason = fmt::format("the device reports an error ({})", reason);
      hint = "nothing recorded before is lost if the device can still be read";
      break;
    default:
      break;
  }
  return {ExitCode::Unusable, fmt::format("{} '{}': {}", doing, path, reason), std::move(hint)};
}

Database::Database(std::string path, std::unique_ptr<SQLite::Database> sqlite)
    : path_(std::move(path)), sqlite_(std::move(sqlite)) {
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

bool Database::has_room_for(std::int64_t rows) {
  constexpr std::int64_t kLeastRow = 8;  // bytes
  if (rows > room_) {
    const auto read = [this](const char* pragma) { return sqlite_->execAndGet(pragma).getInt64(); };
    room_ = read("PRAGMA page_count") * read("PRAGMA page_size") / kLeastRow;
  }
  return rows <= room_;
}

void Database::refuse_foreign(const std::string& path) {
  const auto looked = look_at_file(path, Purpose::Append);
  const bool unfinished = is_unfinished(path, "-journal", Purpose::Append);
  if (looked && looked->size > 0) {
    require_ours(path, *looked, unfinished);
  }
}

Database Database::open_for_append(const std::string& path,
                                   const std::optional<LastCommit>& known) {
  std::unique_ptr<SQLite::Database> sqlite;
  try {
    refuse_foreign(path);
    if (!exists(path)) {
      create_empty_file(path);
    }
    if (is_unfinished(path, "-wal", Purpose::Append)) {
      throw unusable(
          path,
          "a write-ahead log lies beside it, and a recorder never leaves one",
          "keep both files as evidence; move the log away only if you know where it came "
          "from");
    }
    std::optional<Recovery> recovery;
    if (is_unfinished(path, "-journal", Purpose::Append)) {
      recovery = prepare_recovery(path, known);
    }
    sqlite = open_connection(path, SQLITE_OPEN_READWRITE, kBusyTimeoutMs);
    set_durable(path, *sqlite);
    migrate(*sqlite);
    require_our_schema(path, *sqlite);
    Database database(path, std::move(sqlite));
    database.recovery_ = std::move(recovery);
    return database;
  } catch (const SQLite::Exception& failure) {
    throw database_error("opening database", path, failure);
  }
}

Database Database::open_for_reading(const std::string& path) {
  try {
    const auto looked = look_at_file(path, Purpose::Read);
    if (!looked || looked->size == 0) {
      throw unusable(
          path,
          looked ? "it is empty: nothing was recorded yet" : "no such file",
          fmt::format("record first: sockwitness-recorder snapshot --db {}", shell_word(path)));
    }
    const bool journal = is_unfinished(path, "-journal", Purpose::Read);
    const bool log = is_unfinished(path, "-wal", Purpose::Read);
    require_ours(path, *looked, journal || log);
    const bool has_log = decode_file_head(looked->head)->write_ahead_log || log;
    // SQLite as root gives even a journal that it only reads an owner, and with it a new time.
    const bool left_behind = exists(path + "-journal") && !is_being_written(path);
    std::unique_ptr<SQLite::Database> sqlite;
    if (!has_log && !left_behind) {
      sqlite = open_connection(path, SQLITE_OPEN_READONLY, kBusyTimeoutMs);
      if (!can_read(*sqlite)) {
        sqlite.reset();
      }
    }
    const bool is_copy = !sqlite;
    if (is_copy) {
      sqlite = open_recovered_copy(path);
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
    Database database(path, std::move(sqlite));
    database.is_copy_ = is_copy;
    return database;
  } catch (const SQLite::Exception& failure) {
    throw database_error("opening database", path, failure);
  }
}

}  // namespace sockwitness::schema
