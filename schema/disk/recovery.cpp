#include "schema/disk/recovery.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/escape.h"
#include "schema/base/shell_word.h"
#include "schema/disk/connection.h"
#include "schema/disk/file_look.h"
#include "schema/disk/private_copy.h"

namespace sockwitness::schema {
namespace {

std::string journal_of(const std::string& path) {
  return path + "-journal";
}

// The pair as it is, under names that SQLite takes for a pair, and the journal out of the way.
std::string keeping_command(const std::string& path) {
  const std::string kept = path + ".kept";
  return fmt::format("keep both as evidence, then run again: cp -p {} {} && mv {} {}",
                     shell_word(path),
                     shell_word(kept),
                     shell_word(journal_of(path)),
                     shell_word(journal_of(kept)));
}

// Source: "SQLite Database File Format", 3: a journal counts from the moment that its head is
// whole.
bool has_whole_head(const std::string& journal) {
  constexpr std::string_view kMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);
  std::ifstream file(journal, std::ios::binary);
  std::array<char, kMagic.size()> head{};
  return file.read(head.data(), head.size()) &&
         std::string_view(head.data(), head.size()) == kMagic;
}

void require_no_loss(const std::string& path,
                     const std::optional<LastCommit>& recovered,
                     const std::optional<LastCommit>& known) {
  if (!known || (recovered && recovered->archive != known->archive)) {
    return;  // nothing known, or of another file
  }
  if (!recovered || recovered->record < known->record || recovered->changes < known->changes) {
    throw unusable(
        path,
        fmt::format("its journal '{}' would undo commits: it would end with record {} after {} "
                    "changes, but record {} was committed, after {}",
                    journal_of(path),
                    recovered ? recovered->record : 0,
                    recovered ? recovered->changes : 0,
                    known->record,
                    known->changes),
        "it is older than the last run: somebody put it there. Both files are as they were\n" +
            keeping_command(path));
  }
}

// Under the first free name. Throws Error.
std::string keep_copy(const std::string& path) {
  const std::string journal = journal_of(path);
  const auto fail = [&](const std::string& target) {
    throw unusable(path,
                   fmt::format("keeping a copy of its journal as '{}': {}",
                               target,
                               std::generic_category().message(errno)),
                   "nothing was changed; make room and run again");
  };
  constexpr int kMost = 10'000;
  for (int number = 1; number < kMost; ++number) {
    const std::string target = fmt::format("{}.kept-{}", journal, number);
    const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0 && errno == EEXIST) {
      continue;
    }
    bool done = fd >= 0 && copy_file(journal, fd) && ::fsync(fd) == 0;
    const int number_of_error = errno;
    if (fd >= 0) {
      ::close(fd);
    }
    if (!done) {
      if (fd >= 0) {
        ::unlink(target.c_str());
      }
      errno = number_of_error;
      fail(target);
    }
    return target;
  }
  errno = EEXIST;
  fail(journal + ".kept-…");
  return {};
}

// By way of SQLite's own descriptor: to close another one would give up its locks. Source: "SQLite
// Database File Format", 1.3.6.
std::uint32_t read_change_counter(SQLite::Database& sqlite) {
  constexpr sqlite3_int64 kPlace = 24;
  sqlite3_file* file = nullptr;
  std::array<unsigned char, 4> bytes{};
  if (sqlite3_file_control(sqlite.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &file) !=
          SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr ||
      file->pMethods->xRead(file, bytes.data(), bytes.size(), kPlace) != SQLITE_OK) {
    return 0;
  }
  std::uint32_t counter = 0;
  for (const unsigned char byte : bytes) {
    counter = counter << 8U | byte;
  }
  return counter;
}

}  // namespace

std::optional<LastCommit> read_last_commit(SQLite::Database& sqlite) {
  if (!sqlite.tableExists("record") || !sqlite.tableExists("archive")) {
    return std::nullopt;
  }
  SQLite::Statement query(sqlite,
                          "SELECT (SELECT hex(uuid) FROM archive), (SELECT max(id) FROM record)");
  if (!query.executeStep() || query.isColumnNull(0) || query.isColumnNull(1)) {
    return std::nullopt;
  }
  return LastCommit{
      query.getColumn(0).getString(), query.getColumn(1).getInt64(), read_change_counter(sqlite)};
}

void refuse_stray_journal(const std::string& path) {
  if (is_unfinished(path, "-journal", Purpose::Append) && has_whole_head(journal_of(path))) {
    throw unusable(path,
                   fmt::format("its journal '{}' is from no run: the last one ended in good order, "
                               "and it would undo commits",
                               journal_of(path)),
                   "somebody put it there. Both files are as they were\n" + keeping_command(path));
  }
}

Recovery prepare_recovery(const std::string& path, const std::optional<LastCommit>& known) {
  const auto would_damage = [&](const std::string& how) {
    return unusable(path,
                    fmt::format("its journal '{}' would damage it: {}", journal_of(path), how),
                    keeping_command(path));
  };
  PrivateCopy copy(path);
  try {
    const auto trial = open_connection(copy.path(), SQLITE_OPEN_READWRITE);
    const std::string verdict = trial->execAndGet("PRAGMA integrity_check(1)").getString();
    if (verdict != "ok") {
      throw would_damage(verdict);
    }
    if (trial->execAndGet("SELECT count(*) FROM sqlite_schema").getInt() != 0) {
      require_our_schema(path, *trial);
    }
    require_no_loss(path, read_last_commit(*trial), known);
  } catch (const SQLite::Exception& failure) {
    throw would_damage(failure.what());
  }
  const bool rolled_back = has_whole_head(journal_of(path));
  return {keep_copy(path), rolled_back};
}

}  // namespace sockwitness::schema
