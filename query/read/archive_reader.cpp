#include "query/read/archive_reader.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "query/read/history.h"
#include "query/read/history_database.h"
#include "schema/base/escape.h"
#include "schema/disk/database.h"

namespace sockwitness::query {

std::string read_archive(History& history) {
  std::string archive;
  history.read([&] {
    SQLite::Statement statement(HistoryDatabase::of(history).sqlite(),
                                "SELECT uuid FROM archive WHERE id = 1");
    if (statement.executeStep()) {
      archive = schema::hex(statement.getColumn(0).getString());
    }
  });
  if (archive.empty()) {
    throw schema::Error(schema::ExitCode::Unusable,
                        "reading which database this is: it does not say so",
                        "the file is damaged or was altered");
  }
  return archive;
}

}  // namespace sockwitness::query
