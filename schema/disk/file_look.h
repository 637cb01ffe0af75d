// What lies at a path and beside it, looked at before SQLite opens anything.
//
// In:    the path of a database.
// Out:   its size and head; an Error for what is not ours to read, or to write.
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

struct FileLook {
  std::uint64_t size = 0;
  std::string head;  // at most kFileHeadSize bytes
};

// Nothing when there is no file. For Append it must be a regular file of one name that belongs to
// the effective user and that nobody else may write, in a directory where nobody can put another in
// its place. Throws Error.
[[nodiscard]] std::optional<FileLook> look_at_file(const std::string& path, Purpose purpose);

// Throws unless the head is that of a file of ours that this program can handle. With something
// unfinished beside it may be cut off, or not be written yet: that is then judged on a copy.
void require_ours(const std::string& path, const FileLook& look, bool unfinished_beside);
void require_our_head(const std::string& path, std::uint32_t application_id, std::uint32_t version);

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
