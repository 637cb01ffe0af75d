#include "schema/disk/trial.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/disk/chain_roots.h"
#include "schema/disk/connection.h"
#include "schema/disk/database.h"
#include "schema/disk/file_head.h"
#include "schema/disk/journal.h"
#include "schema/disk/load_snapshot.h"
#include "schema/disk/migrate.h"
#include "schema/disk/private_copy.h"
#include "schema/disk/quiet_open.h"
#include "schema/disk/snapshot_row.h"
#include "schema/program/shell_word.h"

namespace sockwitness::schema {
namespace {

// What lies beside the database, as messages name it.
struct Beside {
  const char* suffix = "-journal";
  const char* name = "journal";
};
constexpr Beside kJournal;
constexpr Beside kLog{"-wal", "write-ahead log"};
constexpr Beside kNothing{"", ""};

// The pair as it is, under names that SQLite takes for a pair, and what lies beside it out of the
// way.
std::string keeping_command(const std::string& path, const Beside& beside) {
  const std::string kept = path + ".kept";
  return fmt::format("keep both as evidence, then run again: cp -p {} {} && mv {} {}",
                     shell_word(path),
                     shell_word(kept),
                     shell_word(path + beside.suffix),
                     shell_word(kept + beside.suffix));
}

std::string read_begin(const std::string& path, std::size_t length) {
  std::string bytes(length, '\0');
  const int fd = open_quietly(path.c_str(), O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  const ssize_t got = fd < 0 ? 0 : ::pread(fd, bytes.data(), bytes.size(), 0);
  if (fd >= 0) {
    ::close(fd);
  }
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

std::int64_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
}

// Of the copy, after SQLite has done what it does.
class Judgement {
 public:
  Judgement(const std::string& path, const Beside& beside, SQLite::Database& sqlite)
      : path_(path), beside_(beside), sqlite_(sqlite) {}

  [[nodiscard]] Error damage(const std::string& how) const {
    if (&beside_ == &kNothing) {
      return unusable(path_,
                      fmt::format("the file is damaged ({})", how),
                      "nothing was changed; keep the file as evidence and use a backup");
    }
    return unusable(
        path_,
        fmt::format("its {} '{}{}' would damage it: {}", beside_.name, path_, beside_.suffix, how),
        keeping_command(path_, beside_));
  }

  void require_whole() const {
    const std::string verdict = sqlite_.execAndGet("PRAGMA integrity_check(1)").getString();
    if (verdict != "ok") {
      throw damage(verdict);
    }
  }

  // Before its first transaction ended a file of ours has no page yet: then nothing tells that it
  // is ours but what the transaction itself had written.
  [[nodiscard]] bool is_empty() const {
    return sqlite_.execAndGet("PRAGMA page_count").getInt64() == 0;
  }

  void require_ours() const {
    const auto pragma = [this](const char* name) {
      return sqlite_.execAndGet(std::string("PRAGMA ") + name).getInt();
    };
    require_our_head(path_,
                     static_cast<std::uint32_t>(pragma("application_id")),
                     static_cast<std::uint32_t>(pragma("user_version")));
    require_known_schema(path_, sqlite_);
  }

  // Every record of the journal was led back, to the size that it names. `found`: the count of
  // changes in the file as it lies. A transaction counts one, in the same breath as it writes; what
  // was there before it is what its journal leads back to.
  void require_one_step(const JournalLook& journal, std::uint32_t found) const {
    const auto head = decode_file_head(read_head(sqlite_));
    const std::uint32_t recovered = head ? head->changes : 0;
    if (!journal.flaw.empty()) {
      throw damage(journal.flaw);
    }
    if (journal.head->pages != (head ? head->page_count : 0)) {
      throw damage(fmt::format("it would end with {} pages, but was begun with {}",
                               head ? head->page_count : 0,
                               journal.head->pages));
    }
    if (found - recovered > 1) {
      throw unusable(path_,
                     fmt::format("its journal '{}{}' is of another time: it leads back to change "
                                 "{}, but the file is at change {}, and one is undone at a time",
                                 path_,
                                 beside_.suffix,
                                 recovered,
                                 found),
                     "somebody put one of them there. Both files are as they were\n" +
                         keeping_command(path_, beside_));
    }
  }

  void require_no_loss(const std::optional<LastCommit>& known) const {
    const auto recovered = read_last_commit(sqlite_);
    if (!known || (recovered && recovered->archive != known->archive)) {
      return;  // nothing known, or of another file
    }
    if (!recovered || recovered->record < known->record || recovered->changes < known->changes) {
      throw unusable(path_,
                     fmt::format("its {} '{}{}' would undo commits: it would end with record {} "
                                 "after {} changes, but record {} was committed, after {}",
                                 beside_.name,
                                 path_,
                                 beside_.suffix,
                                 recovered ? recovered->record : 0,
                                 recovered ? recovered->changes : 0,
                                 known->record,
                                 known->changes),
                     "it is older than the last run: somebody put it there. Both files are as they "
                     "were\n" +
                         keeping_command(path_, beside_));
    }
  }

 private:
  const std::string& path_;
  const Beside& beside_;
  SQLite::Database& sqlite_;
};

// Only what SQLite says of the content is a judgement; a full disk is none.
bool is_about_content(const SQLite::Exception& failure) {
  constexpr std::array kKinds{
      SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_INTERRUPT};
  return std::find(kKinds.begin(), kKinds.end(), failure.getErrorCode()) != kKinds.end();
}

// What every run reads before it writes: where that is amiss, nothing must be led back either.
void require_readable(const std::string& path, Trial& trial, const Judgement& judgement) {
  if (trial.is_empty ||
      trial.sqlite->execAndGet("PRAGMA user_version").getInt() != kFormatVersion) {
    return;
  }
  Database database = Database::around(path, std::move(trial.sqlite));
  std::optional<Error> flaw;
  try {
    if (const auto last = read_last_seq(database)) {
      static_cast<void>(load_snapshot(database, *last));
    }
  } catch (const Error& failure) {
    flaw = failure;
  }
  trial.sqlite = database.release();
  if (flaw) {
    throw judgement.damage(flaw->message());
  }
  if (const auto altered = find_flaw_of_rows(*trial.sqlite)) {
    throw judgement.damage(*altered);
  }
}

}  // namespace

Error stray_log(const std::string& path) {
  return unusable(
      path,
      fmt::format("a write-ahead log '{}{}' lies beside it, and a recorder never leaves one",
                  path,
                  kLog.suffix),
      keeping_command(path, kLog));
}

void refuse_stray_journal(const std::string& path, const std::optional<CommitNote>& known) {
  if (known && !known->writing &&
      decode_journal_head(read_begin(path + kJournal.suffix, kJournalHeadSize))) {
    throw unusable(
        path,
        fmt::format("its journal '{}{}' is from no run: the last one ended in good "
                    "order, and it would undo commits",
                    path,
                    kJournal.suffix),
        "somebody put it there. Both files are as they were\n" + keeping_command(path, kJournal));
  }
}

Trial try_on_copy(const std::string& path,
                  const std::optional<CommitNote>& known,
                  Purpose purpose) {
  PrivateCopy copy(path, purpose);
  const auto lies = [&copy](const char* suffix) {
    return !read_begin(copy.path() + suffix, 1).empty();
  };
  Trial trial;
  const JournalLook journal = look_at_journal(copy.path() + kJournal.suffix);
  trial.rolled_back = journal.head && lies("");
  const Beside& beside = lies(kJournal.suffix) ? kJournal : lies(kLog.suffix) ? kLog : kNothing;
  const auto found = decode_file_head(read_begin(copy.path(), kFileHeadSize));
  try {
    trial.sqlite = open_connection(copy.path(), SQLITE_OPEN_READWRITE);
    if (purpose == Purpose::Read) {
      trial.guard = std::make_unique<ReadingGuard>(*trial.sqlite);
      trial.guard->know_size(size_of(copy.path()));
    }
    const Judgement judgement(path, beside, *trial.sqlite);
    try {
      trial.sqlite->exec("PRAGMA journal_mode = DELETE; SELECT count(*) FROM sqlite_schema");
      copy.remove_names();  // a long check that is killed leaves nothing
      trial.is_empty = judgement.is_empty();
      if (!trial.is_empty) {
        judgement.require_ours();  // first: the check for damage computes what it holds
      }
      judgement.require_whole();
      if (trial.rolled_back) {
        judgement.require_one_step(journal, found ? found->changes : 0);
      }
      require_readable(path, trial, judgement);
      judgement.require_no_loss(known ? std::optional(known->last) : std::nullopt);
    } catch (const SQLite::Exception& failure) {
      if (is_about_content(failure)) {
        throw judgement.damage(failure.what());
      }
      throw;
    }
  } catch (const SQLite::Exception& failure) {
    throw Error(ExitCode::Unusable,
                fmt::format("trying '{}' on a private copy: {}", path, failure.what()),
                "set TMPDIR to a directory with enough space");
  }
  return trial;
}

}  // namespace sockwitness::schema
