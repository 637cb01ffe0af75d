#include "schema/disk/commit_note.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "schema/base/scan.h"
#include "schema/disk/connection.h"
#include "schema/disk/file_head.h"
#include "schema/disk/quiet_open.h"

namespace sockwitness::schema {
namespace {

constexpr std::string_view kCommitted = "committed ";
constexpr std::string_view kWriting = "writing ";

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
  const auto head = decode_file_head(read_head(sqlite));
  return LastCommit{
      query.getColumn(0).getString(), query.getColumn(1).getInt64(), head ? head->changes : 0};
}

std::optional<CommitNote> parse_commit_note(std::string_view line) {
  constexpr std::size_t kArchiveDigits = 32;
  const bool writing = scan_literal(line, kWriting);
  if (!writing && !scan_literal(line, kCommitted)) {
    return std::nullopt;
  }
  const auto record = parse_number<std::int64_t>(scan_until(line, ' '));
  const auto changes = parse_number<std::uint32_t>(scan_until(line, ' '));
  const bool is_archive = line.size() == kArchiveDigits &&
                          line.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
  if (!record || *record <= 0 || !changes || !is_archive) {
    return std::nullopt;
  }
  return CommitNote{{std::string(line), *record, *changes}, writing};
}

std::string format_commit_note(const CommitNote& note) {
  return fmt::format("{}{} {} {}",
                     note.writing ? kWriting : kCommitted,
                     note.last.record,
                     note.last.changes,
                     note.last.archive);
}

std::string lock_file_of(const std::string& database_path) {
  return database_path + ".lock";
}

std::optional<CommitNote> read_commit_note(const std::string& database_path) {
  constexpr std::size_t kLongestLine = 128;
  const int fd =
      open_quietly(lock_file_of(database_path).c_str(), O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    return std::nullopt;
  }
  struct stat status {};
  std::array<char, kLongestLine> buffer{};
  const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const ssize_t got = regular ? ::pread(fd, buffer.data(), buffer.size(), 0) : 0;
  ::close(fd);
  std::string_view text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  return parse_commit_note(scan_until(text, '\n'));
}

bool is_commit_note_hidden(const std::string& database_path) {
  const int fd =
      open_quietly(lock_file_of(database_path).c_str(), O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  const bool hidden = fd < 0 && errno == EACCES;
  if (fd >= 0) {
    ::close(fd);
  }
  return hidden;
}

}  // namespace sockwitness::schema
