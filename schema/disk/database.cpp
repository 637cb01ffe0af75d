#include "schema/disk/database.h"

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <system_error>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/error.h"
#include "schema/disk/connection.h"
#include "schema/disk/database_file.h"
#include "schema/disk/directory_sync.h"
#include "schema/disk/file_head.h"
#include "schema/disk/lent_statement.h"
#include "schema/disk/migrate.h"
#include "schema/disk/new_file.h"
#include "schema/disk/reading_guard.h"
#include "schema/disk/retention_rows.h"
#include "schema/disk/sealer.h"
#include "schema/disk/settings.h"
#include "schema/disk/trial.h"
#include "schema/program/out_of_memory.h"
#include "schema/program/shell_word.h"

namespace sockwitness::schema {
namespace {

constexpr int kBusyTimeoutMs = static_cast<int>(kUsualPatience.count());

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

NothingYet nothing_yet(const Error& error) {
  return {error.code(), error.message(), error.hint()};
}

NothingYet nothing_recorded(const std::string& path, std::string_view why) {
  return nothing_yet(unusable(
      path,
      why,
      fmt::format("record first: sockwitness-recorder snapshot --db {}", shell_word(path))));
}

struct Opened {
  std::unique_ptr<ReadingGuard> guard;       // outlives what it guards
  std::unique_ptr<SQLite::Database> sqlite;  // nothing: it moved, try again
  bool is_copy = false;
};

// A private copy of it, settled, judged as the recorder would. Nothing: what was beside the file
// belonged to a run that has ended meanwhile.
Opened open_settled_copy(const std::string& path) {
  const auto known = read_commit_note(path);
  const bool journal = exists(path + "-journal");
  if (journal && is_commit_note_hidden(path)) {
    throw unusable(
        path,
        fmt::format("a journal lies beside it, and whether it is of a run of the recorder "
                    "stands in '{}', which you may not read",
                    lock_file_of(path)),
        "ask as its owner, or wait for the recorder's next run, which settles it");
  }
  try {
    refuse_stray_journal(path, known);
    Trial trial = try_on_copy(path, known, Purpose::Read);
    if (trial.is_empty) {
      throw nothing_recorded(path, "it is empty: nothing was recorded yet");
    }
    return {std::move(trial.guard), std::move(trial.sqlite), true};
  } catch (const Error& refusal) {
    const bool moved = read_commit_note(path) != known || exists(path + "-journal") != journal;
    if (!moved || refusal.code() == ExitCode::Interrupted) {
      throw;
    }
    return {};
  }
}

Opened try_reading(const std::string& path) {
  const auto file = read_database_file(path);
  if (!file || file->begin.size == 0) {
    throw nothing_recorded(path, file ? "it is empty: nothing was recorded yet" : "no such file");
  }
  require_ours(path, file->begin, file->unfinished_journal || file->unfinished_log);
  const auto head = decode_file_head(file->begin.head);
  const bool keeps_log = head && head->write_ahead_log;
  if (file->unfinished_log && !keeps_log) {
    throw stray_log(path);
  }
  Opened opened;
  // SQLite as root gives even a journal that it only reads an owner, and with it a new time.
  if (!file->unfinished_log && !keeps_log && !file->has_abandoned_journal()) {
    opened.sqlite = open_connection(path, SQLITE_OPEN_READONLY, kBusyTimeoutMs);
    opened.guard = std::make_unique<ReadingGuard>(*opened.sqlite);
    if (can_read(*opened.sqlite)) {
      return opened;
    }
    opened.sqlite.reset();
  }
  return open_settled_copy(path);
}

}  // namespace

DatabaseError database_error(std::string_view doing,
                             const std::string& path,
                             const SQLite::Exception& failure) {
  auto kind = DatabaseError::Kind::Other;
  std::string hint;
  std::string reason = failure.what();
  switch (failure.getErrorCode()) {
    case SQLITE_FULL:
      kind = DatabaseError::Kind::Full;
      reason = "no space left on the device";
      hint = "nothing recorded before is lost; make room and run again";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      kind = DatabaseError::Kind::Locked;
      reason = "another program keeps it locked";
      hint = "close other readers of the file and run again";
      break;
    case SQLITE_READONLY:
      kind = DatabaseError::Kind::ReadOnly;
      reason = "the file or its directory is not writable";
      hint = "run as the owner of the database, or choose another place with --db";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      reason = fmt::format("the file is damaged ({})", reason);
      hint = "nothing was changed; keep the file as evidence and use a backup";
      break;
    case SQLITE_NOMEM:
      kind = DatabaseError::Kind::NoMemory;
      reason = kOutOfMemory;
      hint = kOutOfMemoryHint;
      break;
    case SQLITE_TOOBIG:
      reason = "it has a value that no recorder writes, it is too long";
      hint = "the file is damaged or was altered; nothing was changed";
      break;
    case SQLITE_INTERRUPT:
      reason = "reading it does not come to an end: it claims more than it has room for";
      hint = "the file is damaged or was altered; nothing was changed";
      break;
    case SQLITE_IOERR:
      if (failure.getExtendedErrorCode() == SQLITE_IOERR_NOMEM) {
        kind = DatabaseError::Kind::NoMemory;
        reason = kOutOfMemory;
        hint = kOutOfMemoryHint;
        break;
      }
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
  return {kind, fmt::format("{} '{}': {}", doing, path, reason), std::move(hint)};
}

Database::Database(std::string path, std::unique_ptr<SQLite::Database> sqlite)
    : path_(std::move(path)), sqlite_(std::move(sqlite)) {
}
Database::Database(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::around(const std::string& path, std::unique_ptr<SQLite::Database> sqlite) {
  return {path, std::move(sqlite)};
}

void Database::set_sealer(std::shared_ptr<Sealer> sealer) {
  sealer_ = std::move(sealer);
}

void Database::commit(SQLite::Transaction& transaction) {
  if (sealer_) {
    sealer_->seal(*this);
  }
  transaction.commit();
  if (const int failure = take_directory_failure()) {
    throw Error(ExitCode::Unusable,
                fmt::format("writing database '{}': syncing its directory: {}",
                            path_,
                            std::generic_category().message(failure)),
                "what was written may be gone after a loss of power; run again");
  }
  if (sealer_) {
    sealer_->committed();
  }
}

std::unique_ptr<SQLite::Database> Database::release() {
  statements_.clear();
  return std::move(sqlite_);
}

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

bool Database::has_room_for(std::int64_t number) {
  if (has_room_for_rows(number)) {
    return true;
  }
  if (!removed_) {
    removed_ = 0;
    if (const auto kept = read_kept_rows(*sqlite_)) {
      for (const auto& [numbering, mark] : kept->marks) {
        removed_ = std::max(*removed_, mark);
      }
    }
  }
  return number <= *removed_ || has_room_for_rows(number - *removed_);
}

// As its records say.
std::int64_t Database::rows_thinned() {
  return sqlite_->execAndGet("SELECT coalesce(sum(removed), 0) FROM thin").getInt64();
}

bool Database::has_room_for_rows(std::int64_t rows) {
  constexpr std::int64_t kLeastRow = 8;  // bytes
  if (rows > room_) {
    const auto read = [this](const char* pragma) { return sqlite_->execAndGet(pragma).getInt64(); };
    room_ = read("PRAGMA page_count") * read("PRAGMA page_size") / kLeastRow;
  }
  return rows <= room_ || rows - room_ <= rows_thinned();
}

void Database::refuse_foreign(const std::string& path) {
  const auto begin = read_file_begin(path, Purpose::Append);
  const bool unfinished = is_unfinished(path, "-journal", Purpose::Append);
  if (begin && begin->size > 0) {
    require_ours(path, *begin, unfinished);
  }
}

Database Database::open_for_append(const std::string& path, const Appending& appending) {
  try {
    refuse_foreign(path);
    if (!exists(path)) {
      create_empty_file(path);
    }
    const auto recovery = prepare_recovery(path, appending.known);
    static_cast<void>(take_directory_failure());  // of the trial, or of another run of this process
    const auto tell = [&] {
      if (appending.before_writing) {
        appending.before_writing(recovery);
      }
    };
    if (recovery) {
      tell();
    }
    auto sqlite =
        open_connection(path, SQLITE_OPEN_READWRITE, static_cast<int>(appending.patience.count()));
    require_known_schema(path, *sqlite);  // with its first read SQLite rolls the journal back
    if (!recovery) {
      // The run before was cut off, and what could lead back may have been taken away since.
      if (appending.known && appending.known->writing) {
        require_whole(path, *sqlite);
      }
      tell();
    }
    make_durable(path, *sqlite);
    migrate(path, *sqlite);
    require_our_schema(path, *sqlite);
    Database database(path, std::move(sqlite));
    database.settings_ = read_settings(database.sqlite());
    return database;
  } catch (const SQLite::Exception& failure) {
    throw database_error("opening database", path, failure);
  }
}

Database Database::open_for_reading(const std::string& path) {
  constexpr int kAttempts = 3;
  try {
    Opened opened;
    for (int attempt = 0; attempt < kAttempts && !opened.sqlite; ++attempt) {
      opened = try_reading(path);
    }
    if (!opened.sqlite) {
      throw unusable(path,
                     fmt::format("it changed while it was opened, {} times", kAttempts),
                     "try again when no recorder runs");
    }
    SQLite::Database& sqlite = *opened.sqlite;
    make_reading(path, sqlite);
    const auto read = [&](const char* pragma) { return sqlite.execAndGet(pragma).getInt64(); };
    const std::int64_t version = read("PRAGMA user_version");
    if (version < kFormatVersion) {
      require_known_schema(path, sqlite);
      throw nothing_yet(unusable(
          path,
          fmt::format(
              "its format is version {}, this program reads version {}", version, kFormatVersion),
          "the recorder's next snapshot brings it up to date"));
    }
    require_our_schema(path, sqlite);
    opened.guard->know_size(read("PRAGMA page_count") * read("PRAGMA page_size"));
    Database database(path, std::move(opened.sqlite));
    database.guard_ = std::move(opened.guard);
    database.is_copy_ = opened.is_copy;
    return database;
  } catch (const SQLite::Exception& failure) {
    throw database_error("opening database", path, failure);
  }
}

}  // namespace sockwitness::schema
