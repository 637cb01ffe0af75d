#include "schema/disk/recovery.h"

#include <sys/stat.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "schema/disk/database_file.h"
#include "schema/disk/kept_copy.h"
#include "schema/disk/trial.h"

namespace sockwitness::schema {
namespace {

bool is_file_with_content(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
}

// Where a copy lies now, for a hint; empty when there is no room for one.
std::string kept_words(const std::string& path, const char* suffix) {
  try {
    return "a copy of it is kept as '" + keep_copy(path, suffix) + "'\n";
  } catch (const Error&) {
    return {};
  }
}

// What is refused is kept as well: SQLite's own shell would apply it, and delete it.
template <class Judge>
auto keep_if_refused(const std::string& path, const char* suffix, Judge judge) {
  try {
    return judge();
  } catch (const Error& refusal) {
    if (refusal.code() != ExitCode::Unusable || !is_file_with_content(path + suffix)) {
      throw;
    }
    throw Error(refusal.code(), refusal.message(), kept_words(path, suffix) + refusal.hint());
  }
}

}  // namespace

std::optional<Recovery> prepare_recovery(const std::string& path,
                                         const std::optional<CommitNote>& known) {
  keep_if_refused(path, "-wal", [&] {
    if (is_unfinished(path, "-wal", Purpose::Append)) {
      throw stray_log(path);
    }
  });
  const bool has_content = is_unfinished(path, "-journal", Purpose::Append);
  if (!exists(path + "-journal")) {
    return std::nullopt;
  }
  const bool rolled_back = keep_if_refused(path, "-journal", [&] {
    refuse_stray_journal(path, known);
    return try_on_copy(path, known, Purpose::Append).rolled_back;
  });
  if (!has_content) {
    return std::nullopt;
  }
  return Recovery{keep_copy(path, "-journal"), rolled_back};
}

}  // namespace sockwitness::schema
