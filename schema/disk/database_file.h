// A database file and the files beside it, read before SQLite opens anything.
//
// In:    the path of a database.
// Out:   its size and head, what lies beside it; an Error for what is not ours to read, or to write.
// Never: opens anything for writing, or follows a link for Append; called while SQLite has the file
//        open (POSIX locks).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schema/base/error.h"

namespace sockwitness::schema {

enum class Purpose { Append, Read };

struct FileBegin {
  std::uint64_t size = 0;  // bytes
  std::string head;        // at most kFileHeadSize bytes
};

// Nothing when there is no file. For Append it must be a regular file of one name that belongs to
// the effective user and that nobody else may write, in a directory where nobody can put another in
// its place. Throws Error.
[[nodiscard]] std::optional<FileBegin> read_file_begin(const std::string& path, Purpose purpose);

// Throws unless the head is that of a file of ours that this program can handle. With something
// unfinished beside it may be cut off, or not be written yet: that is then judged on a copy.
void require_ours(const std::string& path, const FileBegin& begin, bool unfinished_beside);
void require_our_head(const std::string& path, std::uint32_t application_id, std::uint32_t version);

// Everything that decides how a file is opened for reading.
struct DatabaseFile {
  FileBegin begin;
  bool has_journal = false;         // some file lies in its place, also an empty one
  bool unfinished_journal = false;  // see is_unfinished()
  bool unfinished_log = false;
  bool being_written = false;  // asked only where there is a journal

  // A journal of a run that has ended.
  [[nodiscard]] bool has_abandoned_journal() const { return has_journal && !being_written; }
};

// Nothing when there is no file; beside an empty one nothing is read. Throws Error.
[[nodiscard]] std::optional<DatabaseFile> read_database_file(const std::string& path);

// What SQLite would take for the journal or the log of an unfinished transaction: true for a file
// with content, false for none or an empty one. Throws for anything else, and for Append when it
// belongs to another user.
[[nodiscard]] bool is_unfinished(const std::string& path, const char* suffix, Purpose purpose);

[[nodiscard]] bool exists(const std::string& path);

// A journal whose writer is alive is not ours to look into: SQLite then reads around it.
[[nodiscard]] bool is_being_written(const std::string& path);

// "opening database 'path': reason".
[[nodiscard]] Error unusable(std::string_view path, std::string_view reason, std::string hint = {});

}  // namespace sockwitness::schema
